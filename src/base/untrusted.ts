const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/**
 * Makes a text that we did not write safe to print: workflow commands (`::` at the start of a line, `##[` anywhere),
 * carriage returns, escape sequences and bidirectional controls do nothing. Line feeds and tabs stay.
 * (actions/runner ActionCommand.cs: both forms are honoured on stdout and stderr.)
 */
export function neutralise(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(controls, visible)
    .replace(/^([^\S\n]*):(?=:)/gm, '$1:\u200b')
    .replace(/##(?=\[)/g, '#\u200b#')
}

/** As {@link neutralise}, on one line. */
export function neutraliseLine(text: string): string {
  return neutralise(text).replace(/\n/g, '\u240a')
}

/**
 * The beginning of a text that we did not write, of at most so many characters. A word that does not fit is left out whole:
 * it may be a secret that a server echoes, and half of one is recognised by nobody.
 */
export function excerpt(text: string, characters: number): string {
  return text.length <= characters ? text : `${text.slice(0, characters).replace(/[^\s"]*$/, '')}…`
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return String.fromCodePoint(0x2400 + code)
  return code === 0x7f ? '\u2421' : '\ufffd'
}
