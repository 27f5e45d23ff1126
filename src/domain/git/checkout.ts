import { commitMismatch, gitFailed } from './errors.ts'
import { type Git, type GitPorts, openGit } from './git.ts'
import { findRef, type Wanted } from './remote-ref.ts'
import type { CheckedOut, CheckoutRequest } from './request.ts'
import { checkOutSubmodules } from './submodules.ts'
import { claimFolder, type Earlier, exclude, forgetNote, note, refuseChanges } from './work-folder.ts'

/** Where what was fetched last is kept, on whatever branch it is. */
const fetched = 'refs/slipway/source'

/**
 * Makes a folder the checkout of a ref. Again it updates it; nothing of the user's is overwritten, and a run that was killed is
 * finished by the next one. What was asked for is read back. @throws the errors of `sourceErrors`
 */
export async function checkOut(request: CheckoutRequest, ports: GitPorts): Promise<CheckedOut> {
  const { folder, address, credentials, ssh } = request
  const git = openGit({ folder, address, credentials, ssh }, ports)
  const earlier = await claimFolder(git)
  ports.progress.doing(`asking ${address.url}`)
  const wanted = await findRef(git, request.ref)
  await prepare(git, wanted, request.state)
  if (earlier.isCheckout && earlier.unfinished === undefined) await refuseChanges(git)
  ports.progress.doing(`fetching ${wanted.source} of ${address.url}`)
  await fetchRef(git, wanted, { earlier, depth: request.depth })
  const commit = await git.run('rev-parse', '--verify', `${fetched}^{commit}`)
  requireCommit(commit, wanted, request)
  await write(git, { commit, ref: wanted.ref, earlier })
  const submodules = request.submodules ? await checkOutSubmodules({ ...request, commit }, git, (inner) => checkOut(inner, ports)) : []
  const tree = await readBack(git, commit)
  await forgetNote(folder)
  return { commit, tree, submodules, ...(wanted.ref === undefined ? {} : { ref: wanted.ref }) }
}

async function prepare({ settings, run }: Git, { objectFormat }: Wanted, state: string): Promise<void> {
  await run('init', '--quiet', '--template=', `--object-format=${objectFormat}`)
  await run('config', 'remote.origin.url', settings.address.url)
  await run('config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*')
  await exclude(settings.folder, state)
}

async function fetchRef(
  { run, reach }: Git,
  { source, ref }: Wanted,
  { earlier, depth }: { readonly earlier: Earlier; readonly depth: number },
): Promise<void> {
  const isShallow = (await run('rev-parse', '--is-shallow-repository')) === 'true'
  // A history that is whole stays so.
  const length = depth > 0 ? (isShallow || !earlier.isCheckout ? [`--depth=${depth}`] : []) : isShallow ? ['--unshallow'] : []
  const everything = depth > 0 ? [] : ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*']
  const named = ref === undefined || depth === 0 ? [] : trackingRefspecs(ref)
  const options = ['--quiet', '--no-tags', '--force', '--update-shallow', '--no-recurse-submodules', '--no-auto-maintenance']
  await reach('fetch', ...options, ...length, '--', 'origin', `+${source}:${fetched}`, ...named, ...everything)
}

/** The name under which a clone would know the ref. */
function trackingRefspecs(ref: string): readonly string[] {
  if (ref.startsWith('refs/tags/')) return [`+${ref}:${ref}`]
  return ref.startsWith('refs/heads/') ? [`+${ref}:refs/remotes/origin/${ref.slice('refs/heads/'.length)}`] : []
}

function requireCommit(commit: string, { source }: Wanted, { address, commit: expected }: CheckoutRequest): void {
  if (expected === undefined || expected.toLowerCase() === commit) return
  throw commitMismatch(`${source} of ${address.url} is at ${commit}, expected ${expected.toLowerCase()}.`, {
    hint: `To have that very commit: ref: ${expected.toLowerCase()}`,
    safe: 'no file was changed',
  })
}

/** Writes the files. What a killed run had begun is completed first, so that git knows which files are its own. */
async function write(
  { settings, run }: Git,
  { commit, ref, earlier }: { readonly commit: string; readonly ref: string | undefined; readonly earlier: Earlier },
): Promise<void> {
  const { unfinished } = earlier
  if (unfinished !== undefined) await run('read-tree', '--reset', '-u', unfinished)
  await note(settings.folder, commit)
  const branch = ref?.startsWith('refs/heads/') === true ? ref.slice('refs/heads/'.length) : undefined
  const head = branch === undefined ? ['--detach'] : ['--no-track', '-B', branch]
  const care = unfinished === undefined ? ['--no-overwrite-ignore'] : ['--force']
  await run('checkout', '--quiet', ...care, ...head, commit, '--')
}

async function readBack({ run }: Git, commit: string): Promise<string> {
  const [head, tree = ''] = (await run('rev-parse', 'HEAD', 'HEAD^{tree}')).split('\n')
  if (head === commit) return tree
  throw gitFailed(`After the checkout HEAD is ${head}, expected ${commit}: something else works in the same folder.`)
}
