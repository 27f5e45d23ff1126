const wordCharacter = /[\p{L}\p{N}_]/u
const headLength = 4

/** Finds any of many texts at a place. Nearly all places are ruled out by a table over two characters. */
export class Patterns {
  readonly #starts = new Uint8Array(0x10000)
  readonly #wordStarts = new Uint8Array(0x10000)
  readonly #byHead = new Map<string, Set<string>>()
  readonly #byFirst = new Map<number, Set<string>>()
  readonly #words = new Map<number, Set<string>>()
  #longest = 0

  /** A text of 4 or more characters, to be found anywhere. */
  add(form: string): void {
    const first = form.charCodeAt(0)
    include(this.#byHead, form.slice(0, headLength), form)
    include(this.#byFirst, first, form)
    this.#starts[hashOf(first, form.charCodeAt(1))] = 1
    this.#longest = Math.max(this.#longest, form.length)
  }

  /** A text to be found only where no letter, digit or underscore touches it. */
  addWord(word: string): void {
    const first = word.charCodeAt(0)
    include(this.#words, first, word)
    this.#wordStarts[first] = 1
    this.#longest = Math.max(this.#longest, word.length + 1)
  }

  /** The first place from `from` on where something may begin; the text's length when there is none. */
  next(text: string, from: number): number {
    const end = text.length - 1
    for (let at = from, unit = text.charCodeAt(at); at < end; at += 1) {
      const following = text.charCodeAt(at + 1)
      if (this.#starts[hashOf(unit, following)] === 1 || this.#wordStarts[unit] === 1) return at
      unit = following
    }
    return from <= end && this.#mayBegin(text.charCodeAt(end)) ? end : text.length
  }

  /** Length of the longest text found at a place, 0 for none. `before` is the character in front of it, or empty. */
  longest(text: string, at: number, before: string): number {
    let longest = 0
    for (const form of this.#byHead.get(text.slice(at, at + headLength)) ?? []) {
      if (form.length > longest && text.startsWith(form, at)) longest = form.length
    }
    for (const word of this.#words.get(text.charCodeAt(at)) ?? []) {
      if (word.length > longest && text.startsWith(word, at) && standsAlone(before, text.charAt(at + word.length))) longest = word.length
    }
    return longest
  }

  /** Whether what follows the end of the text could complete, or prolong, something that begins at a place. */
  mayGrow(text: string, at: number): boolean {
    if (text.length - at >= this.#longest) return false
    const rest = text.slice(at)
    const first = text.charCodeAt(at)
    for (const form of this.#byFirst.get(first) ?? []) if (form.length > rest.length && form.startsWith(rest)) return true
    for (const word of this.#words.get(first) ?? []) if (word.startsWith(rest)) return true
    return false
  }

  #mayBegin(unit: number): boolean {
    return this.#byFirst.has(unit) || this.#wordStarts[unit] === 1
  }
}

function include<K>(map: Map<K, Set<string>>, key: K, text: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(text))
}

function standsAlone(before: string, after: string): boolean {
  return !wordCharacter.test(before) && !wordCharacter.test(after)
}

function hashOf(first: number, second: number): number {
  return ((first << 7) ^ second) & 0xffff
}
