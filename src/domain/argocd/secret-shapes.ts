const hidden = '***'

/** What looks like a secret, wherever it stands; each expression goes through a text once. */
const shapes: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g, hidden],
  // Of a token in three parts the last is the signature: without it nobody takes it.
  [/\beyJ[\w-]{5,4000}\.[\w-]{5,8000}\.[\w-]{5,2000}/g, hidden],
  [
    /\b(?:gh[pousr]_\w{20,255}|github_pat_\w{20,255}|glpat-[\w-]{20,255}|xox[abprs]-[\w-]{10,255}|npm_\w{30,255}|dckr_pat_[\w-]{20,255}|hv[sb]\.[\w-]{20,255}|AIza[\w-]{35}|sk-[\w-]{20,255}|(?:AKIA|ASIA)[0-9A-Z]{16}|sk_live_\w{10,255})\b/g,
    hidden,
  ],
  // Of an address the user name stays.
  [/(:\/\/[^\s/:@]{0,200}:)[^\s/@]{1,500}(?=@)/g, `$1${hidden}`],
  [/\b((?:set-)?cookie["']?\s{0,5}[=:]\s{0,5})[^\r\n]{1,8000}/gi, `$1${hidden}`],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,8000}/gi, `$1 ${hidden}`],
  [
    /((?:password|passwd|pwd|passphrase|secret(?:[_-]?key)?|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)["']?\s{0,5}[=:]\s{0,5})(?:"[^"]{1,4000}"|'[^']{1,4000}'|[^\s,;&"']{1,4000})/gi,
    `$1${hidden}`,
  ],
]

/** A text without what has the shape of a secret: for logs of programs, which know secrets that this run does not. */
export function withoutSecrets(text: string): string {
  return shapes.reduce((shown, [shape, instead]) => shown.replace(shape, instead), text)
}
