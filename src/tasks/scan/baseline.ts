import { resolve } from 'node:path'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { attestedBaseline } from '../../domain/gate/attested-baseline.ts'
import { type Baseline, parseBaseline } from '../../domain/gate/baseline.ts'
import { baselineMissing } from '../../domain/gate/errors.ts'
import { mostScanReport } from '../../domain/gate/scan-report.ts'
import { connectRegistry } from '../../domain/oci/registry.ts'
import { policyOfFile } from '../../domain/sigstore/verify/policy-of-file.ts'
import { factsOrNothing, readBytes } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/**
 * What is known already: of a report in a file, or of what is attested to an image, whose signer a policy trusts. One that is not there is an
 * error, unless everything may count as new then; one that is there and is not trusted always is. @throws SW-GATE-BASELINE-MISSING,
 * SW-GATE-BASELINE-UNTRUSTED, SW-GATE-REPORT and the errors of policies and registries
 */
export async function baselineOf(input: Input, context: Context<'subject'>): Promise<Baseline | undefined> {
  try {
    if (input.baseline !== undefined) return await ofFile(input.baseline, context)
    return input.baselineImage === undefined ? undefined : await ofImage(input.baselineImage, input, context)
  } catch (error) {
    if (input.baselineMissing !== 'all' || !baselineMissing.is(error)) throw error
    context.log.warn('there is no baseline, so every finding counts as new', { why: error.message })
    return undefined
  }
}

async function ofFile(path: string, { files }: Context<'subject'>): Promise<Baseline> {
  const file = resolve(files.workspace, path)
  if ((await factsOrNothing(file)) === undefined)
    throw baselineMissing(`${path} is not there.`, { hint: 'baseline-missing: all, where there cannot be one yet' })
  return parseBaseline(await readBytes(file, mostScanReport), path)
}

async function ofImage(image: string, input: Input, context: Context<'subject'>): Promise<Baseline> {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const { registry, repository, digest, tag } = reference
  const { policy } = await policyOfFile(input.baselinePolicy ?? '', context)
  context.progress.doing(`reading what was found in ${image}`)
  const { clock } = context
  return attestedBaseline(connectRegistry(registry, context).repository(repository), digest ?? tag ?? 'latest', {
    policy,
    now: clock.now(),
  })
}
