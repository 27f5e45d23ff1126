import { dirname, join, relative, resolve, sep } from 'node:path'
import { exists, factsOrNothing, readBytes, readText } from '../io/files.ts'
import { isTracked } from './git-index.ts'

/** Where a checkout stands; whether its files are changed is not known. */
export interface Checkout {
  /** `https://github.com/acme/app`: where `origin` is, without credentials. */
  readonly repository?: string
  /** Full hash. */
  readonly commit?: string
  /** `refs/heads/main`; absent when the head is detached. */
  readonly ref?: string
}

const hash = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/
const byteLimit = 8 * 1024 * 1024
const indexLimit = 256 * 1024 * 1024

/** Reads the head of the checkout around a folder from git's own files (gitrepository-layout); nothing where there is none. */
export async function checkoutOf(folder: string): Promise<Checkout> {
  try {
    const git = await gitFolder(folder)
    if (git === undefined) return {}
    const [head, origin] = [await headOf(git), await originOf(git)]
    return origin === undefined ? head : { ...head, repository: origin }
  } catch {
    return {}
  }
}

/** Whether a file is part of the repository around it, as git's index has it: it came with a commit, or will go into one. */
export async function isCommitted(path: string): Promise<boolean> {
  const folder = await repositoryOf(dirname(path))
  const git = folder === undefined ? undefined : await gitFolder(folder)
  if (folder === undefined || git === undefined) return false
  const index = join(git, 'index')
  return (await exists(index)) && isTracked(await readBytes(index, indexLimit), relative(folder, path).split(sep).join('/'))
}

/** The nearest folder, this one or one above it, with a `.git`. */
async function repositoryOf(folder: string): Promise<string | undefined> {
  if (await exists(join(folder, '.git'))) return folder
  return dirname(folder) === folder ? undefined : repositoryOf(dirname(folder))
}

/** `.git` of the folder or the nearest above it; a file there names the true place (worktrees, submodules). */
async function gitFolder(folder: string): Promise<string | undefined> {
  const candidate = join(folder, '.git')
  const kind = (await factsOrNothing(candidate))?.kind
  if (kind === 'directory') return candidate
  if (kind === 'file') return resolve(folder, (await line(candidate)).replace(/^gitdir: /, ''))
  return dirname(folder) === folder ? undefined : gitFolder(dirname(folder))
}

async function headOf(git: string): Promise<Checkout> {
  const head = await line(join(git, 'HEAD'))
  const ref = /^ref: (refs\/.+)$/.exec(head)?.[1]
  if (ref === undefined) return hash.test(head) ? { commit: head } : {}
  const commit = await commitOf(git, ref)
  return commit !== undefined && hash.test(commit) ? { commit, ref } : { ref }
}

/** The address of the remote `origin` as a web address, for https and ssh; other kinds mean nothing to others. */
async function originOf(git: string): Promise<string | undefined> {
  const config = join(await sharedFolder(git), 'config')
  const text = (await exists(config)) ? await readText(config, byteLimit) : ''
  const section = /^\[remote "origin"\]\s*\n((?:\s+.*\n?)*)/m.exec(text)?.[1] ?? ''
  const address = /^\s*url\s*=\s*(\S+)\s*$/m.exec(section)?.[1] ?? ''
  const [, host, path] = /^(?:ssh:\/\/)?(?:[\w.-]+@)([\w.-]+)(?::\d+\/|[:/])(?!\/)(.+)$/.exec(address) ?? []
  const url = URL.parse(host === undefined ? address : `https://${host}/${path}`)
  if (url === null || !['http:', 'https:'].includes(url.protocol)) return undefined
  return `${url.origin}${url.pathname.replace(/\/$/, '').replace(/\.git$/, '')}`
}

/** A worktree keeps its branches and settings in the folder that it shares with the others. */
async function sharedFolder(git: string): Promise<string> {
  return (await exists(join(git, 'commondir'))) ? resolve(git, await line(join(git, 'commondir'))) : git
}

async function commitOf(git: string, ref: string): Promise<string | undefined> {
  const shared = await sharedFolder(git)
  const loose = join(shared, ref)
  if (await exists(loose)) return line(loose)
  const packed = join(shared, 'packed-refs')
  const lines = (await exists(packed)) ? (await readText(packed, byteLimit)).split('\n') : []
  return lines.find((entry) => entry.endsWith(` ${ref}`))?.split(' ')[0]
}

async function line(path: string): Promise<string> {
  return (await readText(path, byteLimit)).trim()
}
