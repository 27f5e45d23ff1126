const printable = /^[^\p{C}]{1,64}$/u

/**
 * A greeting, or undefined when the name is empty, over 64 characters, or has control characters.
 *
 * @param {string} name
 * @returns {string | undefined}
 */
export function greeting(name) {
  const trimmed = name.trim()
  return printable.test(trimmed) ? `Hello, ${trimmed}!` : undefined
}
