import { repositoryInvalid } from './errors.ts'

/** Where a repository is, without credentials. */
export interface Address {
  /** As git takes it. */
  readonly url: string
  readonly scheme: 'https' | 'http' | 'ssh' | 'file'
  /** `https://host:port`; only for https and http. */
  readonly origin?: string
}

/** Reads the address of a repository: https, http, ssh, file, or `user@host:path`. @throws SW-SOURCE-REPOSITORY */
export function parseAddress(text: string): Address {
  // git and we must read the same host from it: nothing that any two parsers take differently.
  if (text.length > 1024 || !/^[\w!$%&'()*+,./:;=@[\]~-]+$/.test(text) || text.startsWith('-'))
    throw invalid(text, 'expected an address of letters, digits and the marks of an address')
  if (text.includes('::')) throw invalid(text, 'which asks git to start a program of its own; expected https, http, ssh or file')
  const scheme = /^([a-z0-9+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === 'https' || scheme === 'http') return webAddress(text, scheme)
  if (scheme === 'ssh') return sshAddress(text)
  if (scheme === 'file') return fileAddress(text)
  if (scheme === undefined && isSecureCopy(text)) return { url: text, scheme: 'ssh' }
  const meant = text.startsWith('/') ? `; did you mean file://${text}?` : ''
  throw invalid(text, `expected https://, http://, ssh://, file:/// or user@host:path${meant}`)
}

/** What an address in `.gitmodules` means: `./` and `../` start from the repository that it is in. @throws SW-SOURCE-REPOSITORY */
export function resolveAddress(base: Address, text: string): Address {
  if (!/^\.\.?\//.test(text)) return parseAddress(text)
  let folder = base.url.replace(/\/+$/, '')
  let rest = text
  while (/^\.\.?\//.test(rest)) {
    if (rest.startsWith('../')) folder = parentOf(folder, text)
    rest = rest.replace(/^\.\.?\/+/, '')
  }
  return parseAddress(folder.endsWith(':') ? `${folder}${rest}` : `${folder}/${rest}`)
}

/** Whether two addresses name one repository, as far as their letters tell. */
export function isSameRepository(one: string, other: string): boolean {
  const plain = (url: string): string => url.replace(/\/+$/, '').replace(/\.git$/, '')
  return plain(one) === plain(other)
}

function webAddress(text: string, scheme: 'https' | 'http'): Address {
  const url = requireUrl(text)
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    throw invalid(text, 'which names a user; give username and password as inputs of their own')
  if (/^\/*$/.test(url.pathname)) throw invalid(text, 'expected the path of a repository after the host')
  return { url: text, scheme, origin: url.origin }
}

function sshAddress(text: string): Address {
  const url = requireUrl(text)
  if (url.password !== '') throw invalid(text, 'which holds a password; ssh takes a key')
  if (url.hostname === '' || url.hostname.startsWith('-') || url.username.startsWith('-') || /^\/*$/.test(url.pathname))
    throw invalid(text, 'expected ssh://user@host/path')
  return { url: text, scheme: 'ssh' }
}

function fileAddress(text: string): Address {
  if (!/^file:\/\/\/[^/]/.test(text)) throw invalid(text, 'expected file:///path/of/repository')
  return { url: text, scheme: 'file' }
}

function isSecureCopy(text: string): boolean {
  return /^(?:\w[\w.-]*@)?(?:\w[\w.-]*|\[[\da-f:]+\]):[^:-]/i.test(text) && !/^[a-z]:/i.test(text)
}

function parentOf(folder: string, text: string): string {
  const end = Math.max(folder.lastIndexOf('/'), folder.lastIndexOf(':') + 1)
  const parent = folder.slice(0, end)
  if (end <= 0 || parent === folder || /^[a-z]+:\/*$/i.test(parent)) throw invalid(text, 'which leads out of the server of its repository')
  return parent
}

function requireUrl(text: string): URL {
  const url = URL.parse(text)
  if (url === null) throw invalid(text, 'expected an address')
  return url
}

function invalid(text: string, why: string): Error {
  return repositoryInvalid(`The repository is ${JSON.stringify(withoutPassword(text))}, ${why}.`)
}

/** The message is shown, and what does not parse may hold a password all the same. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//***@').slice(0, 300)
}
