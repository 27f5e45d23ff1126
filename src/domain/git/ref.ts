import { refInvalid } from './errors.ts'

/** What is asked for: the remote's own HEAD, a commit by its hash, or one of a few full names. */
export type Ref =
  | { readonly kind: 'head' }
  | { readonly kind: 'hash'; readonly hash: string }
  | { readonly kind: 'name'; readonly given: string; readonly candidates: readonly string[] }

const hash = /^(?:[\da-f]{40}|[\da-f]{64})$/i

/** Reads a ref; git's own rules (git-check-ref-format), so that no name can be an option or a pattern. @throws SW-SOURCE-REF */
export function parseRef(text: string | undefined): Ref {
  if (text === undefined || text === 'HEAD') return { kind: 'head' }
  if (hash.test(text)) return { kind: 'hash', hash: text.toLowerCase() }
  const fault = faultOf(text)
  if (fault !== undefined)
    throw refInvalid(`ref is ${JSON.stringify(text.slice(0, 300))}, which ${fault}; expected a branch, a tag or a full hash.`)
  return { kind: 'name', given: text, candidates: text.startsWith('refs/') ? [text] : [`refs/heads/${text}`, `refs/tags/${text}`] }
}

/** Whether a text is the full hash of a commit. */
export function isCommitHash(text: string): boolean {
  return hash.test(text)
}

function faultOf(text: string): string | undefined {
  if (Buffer.byteLength(text) > 240) return 'is longer than 240 bytes'
  if (text.startsWith('-')) return 'begins with "-"'
  if (/\p{Cc}/u.test(text)) return 'holds a control character'
  if (!text.isWellFormed()) return 'is no valid Unicode'
  const wrong = /[ ~^:?*[\\]|\.\.|@\{|\/\//.exec(text)?.[0]
  if (wrong !== undefined) return `holds ${JSON.stringify(wrong)}`
  if (/^\/|\/$|\.$|^@$/.test(text)) return 'begins or ends with "/", ends with ".", or is "@"'
  if (text.split('/').some((part) => part.startsWith('.') || part.endsWith('.lock')))
    return 'has a part that begins with "." or ends with ".lock"'
  return undefined
}
