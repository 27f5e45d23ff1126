import { isReferenceFault, isTag, parseReference } from '../../base/reference.ts'
import type { NewImage } from '../../domain/gitops/image.ts'
import { tagInvalid } from '../../domain/oci/errors.ts'
import { resolveTag } from '../../domain/oci/manifests.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { gitopsTagElsewhere, gitopsUnnamed } from './errors.ts'
import { safe } from './safe.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What is to be written; its tag is asked for at the registry, since another run may have moved it. */
export async function imageOf(input: Input, context: Context<'pushes' | 'tags'>): Promise<NewImage> {
  const { digest } = input
  const pushes = (context.record.pushes ?? []).filter(
    (push) => push.digest === digest && (input.image === undefined || push.image === input.image),
  )
  const [push, another] = pushes
  const name = input.image ?? (another === undefined ? push?.image : undefined)
  if (name === undefined)
    throw gitopsUnnamed(
      `\`image\` is not set, and the record has ${pushes.length === 0 ? 'no push' : `pushes to ${pushes.map((one) => one.image).join(' and ')}`} of ${digest}.`,
      { safe },
    )
  const moved = (context.record.tags ?? []).find((move) => move.digest === digest && move.image === name)
  const tag = input.tag ?? push?.tags[0] ?? moved?.tags[0]
  if (tag === undefined) return { name, digest }
  if (!isTag(tag)) throw tagInvalid(`tag is ${JSON.stringify(tag.slice(0, 200))}, which can be no tag.`)
  const found = await resolveTag(repositoryOf(name, input, context), tag)
  if (found?.digest === digest) return { name, tag, digest }
  throw gitopsTagElsewhere(`${name}:${tag} ${found === undefined ? 'is not there' : `leads to ${found.digest}`}, expected ${digest}.`, {
    safe,
  })
}

/** Where the image lies, with the account of the inputs. */
export function repositoryOf(name: string, input: Input, context: Context<never>): Repository {
  const reference = parseReference(name)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${name}" pass, which ${reference.error}`)
  const { registryUsername: username, registryPassword: password, plainHttp } = input
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  return connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' }).repository(
    reference.repository,
  )
}
