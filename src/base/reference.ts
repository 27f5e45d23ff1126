import { type Digest, isDigest } from './digest.ts'

/** The name of an image or artifact at a registry: `registry/repository[:tag][@digest]`. */
export interface Reference {
  /** Host in lower case with its port when one is written: `harbor.example.com`, `localhost:5000`, `[::1]:5000`, `docker.io`. */
  readonly registry: string
  /** Path below the registry, at most 255 characters: `team/app`. */
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

/** Why a text is no reference, as the end of a sentence about it, and what was likely meant. */
export interface ReferenceFault {
  readonly error: string
  readonly suggestion?: string
}

const host = /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])(?::([0-9]{1,5}))?$/
const component = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/
const tagGrammar = /^\w[\w.-]{0,127}$/
const longest = 255

/**
 * Reads a reference by the grammar of distribution/reference, with one difference: the registry must be written.
 * Nothing is ever taken to mean docker.io; on docker.io itself `debian` is `library/debian`, as everywhere.
 */
export function parseReference(text: string): Reference | ReferenceFault {
  if (text === '') return { error: 'is empty, expected registry/repository' }
  if (text.length > 1024) return { error: 'is longer than 1024 characters' }
  const { name, tag, digest } = split(text)
  const fault = digestFault(text, digest) ?? nameFault(name, text.slice(name.length)) ?? tagFault(tag)
  if (fault !== undefined) return complete(fault)
  const slash = name.indexOf('/')
  const reference = canonical(name.slice(0, slash), name.slice(slash + 1))
  return { ...reference, ...(tag === undefined ? {} : { tag }), ...(digest !== undefined && isDigest(digest) ? { digest } : {}) }
}

/** Whether {@link parseReference} refused. */
export function isReferenceFault(parsed: Reference | ReferenceFault): parsed is ReferenceFault {
  return 'error' in parsed
}

/** The canonical text: `registry/repository[:tag][@digest]`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}

/** Whether a text can be a tag: 1 to 128 word characters, dots and dashes, not first a dot or dash. */
export function isTag(text: string): boolean {
  return tagGrammar.test(text)
}

/** Whether a text can be a repository's path: components of lower-case letters and digits, 255 characters in all. */
export function isRepository(text: string): boolean {
  return text.length <= longest && text.split('/').every((part) => component.test(part))
}

/** A suggestion may have a second fault: it is mended as well, or not made. */
function complete({ error, suggestion }: ReferenceFault): ReferenceFault {
  const parsed = suggestion === undefined ? undefined : parseReference(suggestion)
  if (parsed === undefined) return { error }
  if (!isReferenceFault(parsed)) return { error, suggestion: formatReference(parsed) }
  return parsed.suggestion === undefined ? { error } : { error, suggestion: parsed.suggestion }
}

function split(text: string): { name: string; tag: string | undefined; digest: string | undefined } {
  const at = text.indexOf('@')
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1)
  const tagged = colon >= 0 && !named.startsWith('[', named.lastIndexOf('/') + 1)
  return {
    name: tagged ? named.slice(0, colon) : named,
    tag: tagged ? named.slice(colon + 1) : undefined,
    digest: at < 0 ? undefined : text.slice(at + 1),
  }
}

function digestFault(text: string, digest: string | undefined): ReferenceFault | undefined {
  if (digest === undefined || isDigest(digest)) return undefined
  const once = digest.replace(/^(sha256:|sha512:)\1+/, '$1')
  if (once !== digest) return { error: 'repeats the digest algorithm', suggestion: text.replace(digest, once) }
  if (digest.includes('/')) return { error: 'has "@" before a slash: a user name or password does not belong here' }
  const lower = digest.toLowerCase()
  if (isDigest(lower)) return { error: 'has upper-case letters in its digest', suggestion: text.replace(digest, lower) }
  return { error: 'has a digest that is neither sha256: with 64 nor sha512: with 128 hexadecimal digits' }
}

function nameFault(name: string, rest: string): ReferenceFault | undefined {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(name)?.[0]
  if (scheme !== undefined) return { error: `begins with "${scheme}"`, suggestion: name.slice(scheme.length) + rest }
  const [registry = '', ...path] = name.split('/')
  if (path.length === 0 && (registry.includes('.') || registry === 'localhost')) return { error: 'names a registry but no repository' }
  if (registry === '') return { error: 'names no registry, expected registry/repository' }
  if (name !== name.toLowerCase()) return { error: 'has upper-case letters in its name', suggestion: name.toLowerCase() + rest }
  if (path.length === 0 || !/[.:]|^localhost$/.test(registry)) return registryFault(name, rest)
  const [, port] = host.exec(registry) ?? ['', '0']
  if (port !== undefined && (Number(port) === 0 || Number(port) > 65_535))
    return { error: `has no valid registry: ${JSON.stringify(registry)}` }
  return pathFault(path)
}

function registryFault(name: string, rest: string): ReferenceFault {
  const error = 'names no registry, and none is assumed'
  if (!isRepository(name)) return { error }
  return { error, suggestion: `docker.io/${name.includes('/') ? name : `library/${name}`}${rest}` }
}

function pathFault(path: readonly string[]): ReferenceFault | undefined {
  if (path.join('/').length > longest) return { error: `has a repository longer than ${longest} characters` }
  const wrong = path.find((part) => !component.test(part))
  if (wrong === '') return { error: 'has an empty path component' }
  if (wrong === undefined) return undefined
  return { error: `has the path component ${JSON.stringify(wrong)}, expected letters and digits joined by ".", "_", "__" or "-"` }
}

function tagFault(tag: string | undefined): ReferenceFault | undefined {
  if (tag === undefined || isTag(tag)) return undefined
  return { error: `has the tag ${JSON.stringify(tag)}, expected 1 to 128 letters, digits, "_", "." or "-", not first "." or "-"` }
}

function canonical(registry: string, repository: string): Reference {
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, repository }
  return { registry: 'docker.io', repository: repository.includes('/') ? repository : `library/${repository}` }
}
