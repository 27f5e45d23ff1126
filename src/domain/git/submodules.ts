import { resolveInside } from '../../io/files.ts'
import { resolveAddress } from './address.ts'
import { submoduleInvalid } from './errors.ts'
import type { Git } from './git.ts'
import type { CheckedOut, CheckoutRequest, Submodule } from './request.ts'

const limits = { levels: 8, each: 256 } as const

/**
 * Checks out the submodules of a commit, and theirs, each as a checkout of its own: `git submodule` needs a shell. Credentials go
 * only to submodules of the same origin. @throws SW-SOURCE-SUBMODULE
 */
export async function checkOutSubmodules(
  request: CheckoutRequest & { readonly commit: string },
  git: Git,
  checkOut: (request: CheckoutRequest) => Promise<CheckedOut>,
): Promise<readonly Submodule[]> {
  const { address, commit, credentials, level = 0 } = request
  const links = await linksOf(git, commit)
  if (level >= limits.levels && links.length > 0)
    throw submoduleInvalid(`${address.url} has submodules at level ${level + 1}, expected at most ${limits.levels} levels.`)
  const done: Submodule[] = []
  for (const link of links) {
    const inner = resolveAddress(address, link.url)
    refuseWeaker(request, inner, link.path)
    const { submodules } = await checkOut({
      ...request,
      folder: await resolveInside(request.folder, link.path),
      address: inner,
      ref: { kind: 'hash', hash: link.commit },
      commit: link.commit,
      credentials: inner.origin !== undefined && inner.origin === address.origin ? credentials : undefined,
      level: level + 1,
    })
    done.push(
      { path: link.path, commit: link.commit, url: inner.url },
      ...submodules.map((one) => ({ ...one, path: `${link.path}/${one.path}` })),
    )
  }
  return done
}

interface Link {
  readonly path: string
  readonly url: string
  readonly commit: string
}

/** What `.gitmodules` of the commit names and its tree has. A path that it does not name stays an empty folder. */
async function linksOf(git: Git, commit: string): Promise<readonly Link[]> {
  if ((await entriesOf(git, commit, ['.gitmodules'])).length === 0) return []
  const modules = await modulesOf(git, commit)
  if (modules.length > limits.each)
    throw submoduleInvalid(`.gitmodules names ${modules.length} submodules, expected at most ${limits.each}.`)
  const paths = modules.map(({ path }) => path)
  const links = (await entriesOf(git, commit, paths)).filter(({ mode }) => mode === '160000')
  return links.map(({ path, hash }) => {
    const url = modules.find((one) => one.path === path)?.url
    if (url === undefined) throw submoduleInvalid(`The submodule ${JSON.stringify(path)} has no url in .gitmodules.`)
    return { path, url, commit: hash }
  })
}

async function entriesOf(
  { run }: Git,
  commit: string,
  paths: readonly string[],
): Promise<readonly { readonly mode: string; readonly hash: string; readonly path: string }[]> {
  if (paths.length === 0) return []
  const entries = (await run('ls-tree', '-z', '--full-tree', commit, '--', ...paths)).split('\0')
  return entries.flatMap((entry) => {
    const [, mode, hash, path] = /^(\d+) \w+ ([\da-f]+)\t(.+)$/s.exec(entry) ?? []
    return mode === undefined || hash === undefined || path === undefined ? [] : [{ mode, hash, path }]
  })
}

async function modulesOf({ ask }: Git, commit: string): Promise<readonly { readonly path: string; readonly url: string | undefined }[]> {
  const text = await ask('config', '--blob', `${commit}:.gitmodules`, '--null', '--get-regexp', '^submodule\\..*\\.(path|url)$')
  const values = (text ?? '').split('\0').map((entry) => {
    const [key = '', ...lines] = entry.split('\n')
    const dot = key.lastIndexOf('.')
    return { name: key.slice(0, dot), field: key.slice(dot + 1), value: lines.join('\n') }
  })
  const urls = new Map(values.filter(({ field }) => field === 'url').map(({ name, value }) => [name, value]))
  return values.filter(({ field }) => field === 'path').map(({ name, value }) => ({ path: value, url: urls.get(name) }))
}

/** Who writes .gitmodules must not choose what this machine can reach: no files, and nothing weaker than the repository itself. */
function refuseWeaker({ address }: CheckoutRequest, inner: CheckoutRequest['address'], path: string): void {
  if (inner.scheme === 'https' || inner.scheme === address.scheme) return
  throw submoduleInvalid(
    `The submodule ${JSON.stringify(path)} is at ${inner.url}, while the repository that names it is at ${address.url}.`,
    {
      hint: 'Write its url relative to the repository (../lib.git), or as https.',
    },
  )
}
