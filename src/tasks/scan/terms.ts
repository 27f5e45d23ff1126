import { resolve } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { parseDuration } from '../../base/duration.ts'
import type { Baseline } from '../../domain/gate/baseline.ts'
import { gateNoFeed } from '../../domain/gate/errors.ts'
import type { Exception, ExceptionFile } from '../../domain/gate/exception.ts'
import { readExceptionFile, requireHorizon } from '../../domain/gate/exception-files.ts'
import { checkGatePolicy, type GatePolicy, parseGatePolicy, policyDigest } from '../../domain/gate/policy.ts'
import { parseVex, type VexStatement } from '../../domain/vex/read.ts'
import { readBytes, readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { baselineOf } from './baseline.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const mostPolicy = 256 * 1024
const mostExceptions = 2 * 2 ** 20
const mostVex = 16 * 2 ** 20
const soon = 14 * 86_400_000

/** By what the gate decides. */
export interface Terms {
  readonly policy: GatePolicy
  readonly exceptions: readonly Exception[]
  readonly statements: readonly VexStatement[]
  readonly baseline: Baseline | undefined
  readonly digest: Digest
}

/**
 * The policy of the inputs or of their file, all that excuses, and what is known already. @throws SW-GATE-… SW-VEX-INVALID and the errors of
 * files, policies and registries
 */
export async function termsOf(input: Input, context: Context<'subject'>): Promise<Terms> {
  const policy = await policyOf(input, context)
  requireTold(policy, input)
  const exceptions = await exceptionsOf(input, policy, context)
  const now = context.clock.now()
  const statements: VexStatement[] = []
  for (const path of input.vex) statements.push(...parseVex(await readBytes(resolve(context.files.workspace, path), mostVex), path, now))
  return {
    ...{ policy, exceptions, statements, digest: policyDigest(policy, exceptions, statements) },
    baseline: await baselineOf(input, context),
  }
}

async function policyOf(input: Input, { files }: Context<'subject'>): Promise<GatePolicy> {
  const { policy: path, newOnly } = input
  const policy = path === undefined ? fromInputs(input) : parseGatePolicy(await readText(resolve(files.workspace, path), mostPolicy), path)
  // A pull request asks for less than the scan of every night, by the same file.
  return newOnly === undefined ? policy : { ...policy, 'new-only': newOnly }
}

/** What nobody tells holds of nothing: a policy that asks for it would pass everything. @throws SW-GATE-NO-FEED */
function requireTold(policy: GatePolicy, { epss, kev, baseline, baselineImage }: Input): void {
  const lacking = [
    ...(policy.kev === 'fail' && kev === undefined ? [['kev: fail', 'kev']] : []),
    ...(policy.epss !== undefined && epss === undefined ? [['epss', 'epss']] : []),
    ...(policy['new-only'] && baseline === undefined && baselineImage === undefined ? [['new-only: true', 'baseline']] : []),
  ]
  const [first] = lacking
  if (first === undefined) return
  const [asked, told] = first
  throw gateNoFeed(`The policy has \`${asked}\`, and the input \`${told}\` is not set.`, {
    hint: told === 'baseline' ? 'baseline: report.json' : `${told}: the file of the feed, or its address`,
    safe: 'nothing was changed',
  })
}

/** Exceptions of all files; of those that expire soon, or have, the log tells. */
async function exceptionsOf(input: Input, policy: GatePolicy, { files, log, clock }: Context<'subject'>): Promise<readonly Exception[]> {
  const read: ExceptionFile[] = []
  for (const path of input.exceptions)
    read.push(readExceptionFile(await readText(resolve(files.workspace, path), mostExceptions), path, input.exceptionsExpire))
  const exceptions = read.flatMap((one) => one.exceptions)
  const [now, longest] = [clock.now(), policy['max-exception']]
  requireHorizon(exceptions, { longest: longest === undefined ? undefined : parseDuration(longest), now })
  for (const { origin, why } of read.flatMap(({ skipped }) => skipped)) log.warn('an exception is not taken over', { origin, why })
  for (const { id, license, owner, expires, ends, origin } of exceptions) {
    const about = { id: id ?? license ?? 'any', owner, expires, origin }
    if (ends <= now) log.warn('an exception has expired and counts no more', about)
    else if (ends - now < soon) log.warn('an exception expires soon', about)
  }
  return exceptions
}

function fromInputs({ failOn, fixableOnly, maxDatabaseAge }: Input): GatePolicy {
  const given = {
    'fail-on': failOn,
    'fixable-only': fixableOnly,
    'max-database-age': maxDatabaseAge === undefined ? undefined : `${maxDatabaseAge}ms`,
  }
  return checkGatePolicy(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), 'the inputs')
}
