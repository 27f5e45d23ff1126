import { type Digest, shortDigest } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { requireGate } from '../../domain/gate/require-gate.ts'
import { getManifest } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { checkedTags } from '../../domain/oci/tag-names.ts'
import { moveTags } from '../../domain/oci/tags.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { tagUnnamed, tagUnverified } from './errors.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>
type Known = Context<'subject' | 'pushes' | 'findings' | 'verifications'>

/** Tags of one repository. */
interface Move {
  readonly image: string
  readonly tags: readonly string[]
}

export const run = implement(task, async (input, context) => {
  const { digest } = input
  const moves = movesOf(input, context)
  requireGate(context.record.findings, { digest, isRequired: input.requireGate, safe })
  requireVerified(input, context)
  const places = await Promise.all(moves.map((move) => placeOf(move, input, context)))
  const done: Move[] = []
  let moved = 0
  let failure: TaskError | undefined
  for (const { repository, manifest, image, tags } of places) {
    context.progress.doing(`moving tags of ${repository.name}`)
    try {
      moved += (await moveTags(repository, manifest, tags)).length
      done.push({ image, tags })
    } catch (error) {
      if (!(error instanceof TaskError) || done.length === 0) throw error
      failure = error
      break
    }
  }
  return {
    outputs: { digest, tags: done.reduce((sum, { tags }) => sum + tags.length, 0) },
    record: { tags: done.map(({ image, tags }) => ({ image, digest, tags })) },
    headline: failure === undefined ? headlineOf(done, digest, moved) : `${done.length} of ${places.length} repositories`,
    summary: [
      {
        kind: 'table',
        title: 'Tags',
        columns: ['tag', 'digest'],
        rows: done.flatMap(({ image, tags }) => tags.map((tag) => [`${image}:${tag}`, digest])),
      },
    ],
    ...(failure === undefined ? {} : { failure }),
  }
})

/** What `image` names, or wherever the record says that the image was pushed to, with the tags that were left to us there. */
function movesOf({ image, digest, tags: given }: Input, { record }: Known): readonly Move[] {
  const tags = checkedTags(given)
  const pushes = (record.pushes ?? []).filter((push) => push.digest === digest && (image === undefined || push.image === image))
  const moves = pushes.map((push) => ({ image: push.image, tags: tags.length > 0 ? tags : checkedTags(push.wanted ?? []) }))
  if (moves.length > 0) return moves
  if (image !== undefined) return [{ image, tags }]
  throw tagUnnamed('`image` is not set, and the record names no push of this image.', { safe })
}

/** A workflow can go on after `verify` has failed; tags cannot. A digest is the image wherever it lies, and so are its platforms. */
function requireVerified({ digest, requireVerified: isWanted }: Input, { record: { subject, verifications = [] } }: Known): void {
  const parts = subject?.digest === digest ? subject.platforms.map((one) => one.digest) : []
  const refused = verifications.find((one) => one.verdict !== 'pass' && [digest, ...parts].includes(one.subject))
  if (refused !== undefined) {
    const { image, subject: part, verdict, reasons } = refused
    throw tagUnverified(`verify says ${verdict} of ${image}@${part} (${reasons.join(', ')}), expected pass.`, { hint: again, safe })
  }
  if (!isWanted || verifications.some((one) => one.subject === digest)) return
  throw tagUnverified(`The release record has no verification of ${digest}, expected one that passed.`, { hint: again, safe })
}

const again = 'slipway run, when what verify names is mended'
const safe = 'no tag was moved'

/** Nothing moves anywhere before the image was seen everywhere. */
async function placeOf({ image, tags }: Move, input: Input, context: Context<never>) {
  const repository = connect(image, input, context)
  return { repository, image, tags, manifest: await getManifest(repository, input.digest) }
}

function connect(image: string, { username, password, plainHttp }: Input, context: Context<never>): Repository {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  return registry.repository(reference.repository).asPusher()
}

function headlineOf(moves: readonly Move[], digest: Digest, moved: number): string {
  const tags = [...new Set(moves.flatMap((move) => move.tags))]
  if (tags.length === 0) return 'no tag was asked for'
  return `${tags.join(', ')} → ${shortDigest(digest)}${moved === 0 ? ' · all there already' : ''}`
}
