/** Shorter pieces of base64 occur by chance. */
const shortestPiece = 4

/**
 * The texts in which a secret may appear: as it is; base64 and base64url, also inside a longer encoded text; URL-encoded;
 * JSON-escaped, once and twice; XML-escaped. For secrets of 4 or more characters.
 */
export function formsOf(secret: string): ReadonlySet<string> {
  const forms = new Set([secret, ...base64Forms(secret), ...urlForms(secret), ...jsonForms(secret), xmlForm(secret)])
  forms.delete('')
  return forms
}

/** RFC 4648 §4 and §5. The middle piece is the same whatever stands before and after, for each of three alignments. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret)
  const pieces = [0, 1, 2].map((offset) => middleOfBase64(bytes, offset)).filter((piece) => piece.length >= shortestPiece)
  const all = [bytes.toString('base64'), ...pieces]
  return [...all, ...all.map((form) => form.replaceAll('+', '-').replaceAll('/', '_')), bytes.toString('base64url')]
}

/** The characters that depend on the secret only, when `offset` bytes precede it in a group of three. */
function middleOfBase64(bytes: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64url')
  const partial = (offset + bytes.length) % 3 === 0 ? 0 : 1
  return encoded.slice(offset === 0 ? 0 : offset + 1, encoded.length - partial)
}

function urlForms(secret: string): string[] {
  const component = encodeURIComponent(secret.toWellFormed())
  const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
  const whole = encodeURI(secret.toWellFormed())
  const forms = [component, strict, strict.replaceAll('%20', '+'), component.replaceAll('%20', '+'), whole]
  return [...forms, ...forms.map((form) => form.replace(/%[0-9A-F]{2}/g, (percent) => percent.toLowerCase()))]
}

/** RFC 8259 §7; Go also escapes `<`, `>` and `&`, others all but ASCII, and PHP the slash. */
function jsonForms(secret: string): string[] {
  const plain = JSON.stringify(secret).slice(1, -1)
  const go = plain.replace(/[<>&\u2028\u2029]/g, unicodeEscape)
  const ascii = plain.replace(/[\u0080-\uffff]/g, unicodeEscape)
  const twice = JSON.stringify(plain).slice(1, -1)
  return [plain, go, ascii, plain.replaceAll('/', '\\/'), twice]
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function xmlForm(secret: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
  return secret.replace(/[&<>"']/g, (character) => names[character] ?? character)
}
