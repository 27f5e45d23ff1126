import { join } from 'node:path'
import { algorithmOf, type Digest, hexOf, isDigest } from '../../base/digest.ts'
import { ensureFolder, exists, factsOrNothing, list, readText, removeTree, walk, writeAtomic } from '../../io/files.ts'

/**
 * Where a registry keeps what it has. Contents are kept once for all repositories; a repository has what it links to.
 * Folders that begin with `_` cannot be components of a name.
 */
export interface Store {
  readonly root: string
}

/** What a repository may link to. */
export type LinkKind = '_blobs' | '_manifests'

export function contentPath({ root }: Store, digest: Digest): string {
  return join(root, 'content', algorithmOf(digest), hexOf(digest).slice(0, 2), hexOf(digest))
}

export function uploadsPath({ root }: Store): string {
  return join(root, 'uploads')
}

/** The size of a content in bytes, or undefined. */
export async function contentSize(store: Store, digest: Digest): Promise<number | undefined> {
  const facts = await factsOrNothing(contentPath(store, digest))
  return facts?.kind === 'file' ? facts.size : undefined
}

/** Notes that a repository has a content; `text` is kept with it. */
export async function link(
  store: Store,
  name: string,
  { kind, digest, text = '' }: { kind: LinkKind; digest: Digest; text?: string },
): Promise<void> {
  await writeSmall(linkPath(store, name, { kind, digest }), text)
}

/** The text of a link, or undefined when the repository does not have the content. */
export async function linked(
  store: Store,
  name: string,
  { kind, digest }: { kind: LinkKind; digest: Digest },
): Promise<string | undefined> {
  return readSmall(linkPath(store, name, { kind, digest }))
}

/** Takes a content from a repository; says whether it had it. */
export async function unlink(store: Store, name: string, { kind, digest }: { kind: LinkKind; digest: Digest }): Promise<boolean> {
  const path = linkPath(store, name, { kind, digest })
  const had = await exists(path)
  await removeTree(path)
  return had
}

export async function readTag(store: Store, name: string, tag: string): Promise<Digest | undefined> {
  const digest = (await readSmall(join(repositoryPath(store, name), '_tags', tag))) ?? ''
  return isDigest(digest) ? digest : undefined
}

export async function writeTag(store: Store, name: string, { tag, digest }: { tag: string; digest: Digest }): Promise<void> {
  await writeSmall(join(repositoryPath(store, name), '_tags', tag), digest)
}

export async function removeTag(store: Store, name: string, tag: string): Promise<void> {
  await removeTree(join(repositoryPath(store, name), '_tags', tag))
}

/** In the order of their bytes. */
export async function tagsOf(store: Store, name: string): Promise<readonly string[]> {
  return namesIn(join(repositoryPath(store, name), '_tags'))
}

/** Notes what refers to a subject; `text` is its descriptor. */
export async function writeReferrer(
  store: Store,
  name: string,
  { subject, digest, text }: { subject: Digest; digest: Digest; text: string },
): Promise<void> {
  await writeSmall(join(referrersPath(store, name, subject), fileName(digest)), text)
}

export async function removeReferrer(store: Store, name: string, { subject, digest }: { subject: Digest; digest: Digest }): Promise<void> {
  await removeTree(join(referrersPath(store, name, subject), fileName(digest)))
}

/** The names of what refers to a subject, in a fixed order; {@link readReferrer} reads one. */
export async function referrerNames(store: Store, name: string, subject: Digest): Promise<readonly string[]> {
  return namesIn(referrersPath(store, name, subject))
}

export async function readReferrer(
  store: Store,
  name: string,
  { subject, file }: { subject: Digest; file: string },
): Promise<string | undefined> {
  return readSmall(join(referrersPath(store, name, subject), file))
}

/** Whether anything was ever pushed to a repository. */
export async function hasRepository(store: Store, name: string): Promise<boolean> {
  return (await exists(join(repositoryPath(store, name), '_manifests'))) || exists(join(repositoryPath(store, name), '_blobs'))
}

/** The names of all repositories with a manifest, in the order of their bytes. */
export async function repositoriesOf({ root }: Store): Promise<readonly string[]> {
  const folder = join(root, 'repositories')
  const found: string[] = []
  if (!(await exists(folder))) return found
  const take = (path: string, kind: string): boolean => kind === 'directory' && (!/(?:^|\/)_/.test(path) || path.endsWith('/_manifests'))
  for await (const { path } of walk(folder, { take })) if (path.endsWith('/_manifests')) found.push(path.slice(0, -'/_manifests'.length))
  return found.sort()
}

function repositoryPath({ root }: Store, name: string): string {
  return join(root, 'repositories', ...name.split('/'))
}

function linkPath(store: Store, name: string, { kind, digest }: { kind: LinkKind; digest: Digest }): string {
  return join(repositoryPath(store, name), kind, algorithmOf(digest), hexOf(digest))
}

function referrersPath(store: Store, name: string, subject: Digest): string {
  return join(repositoryPath(store, name), '_referrers', algorithmOf(subject), hexOf(subject))
}

function fileName(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`
}

/** Atomic writes leave files that begin with a dot when they are killed; no name of ours does. */
async function namesIn(folder: string): Promise<readonly string[]> {
  if (!(await exists(folder))) return []
  return (await list(folder)).flatMap(({ name }) => (name.startsWith('.') ? [] : [name]))
}

async function readSmall(path: string): Promise<string | undefined> {
  return (await exists(path)) ? readText(path, 1024 * 1024) : undefined
}

async function writeSmall(path: string, text: string): Promise<void> {
  await ensureFolder(join(path, '..'))
  await writeAtomic(path, text, { mode: 0o644 })
}
