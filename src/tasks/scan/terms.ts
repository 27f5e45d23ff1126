import { resolve } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { parseDuration } from '../../base/duration.ts'
import type { Exception, ExceptionFile } from '../../domain/gate/exception.ts'
import { readExceptionFile, requireHorizon } from '../../domain/gate/exception-files.ts'
import { checkGatePolicy, type GatePolicy, parseGatePolicy, policyDigest } from '../../domain/gate/policy.ts'
import { readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const mostPolicy = 256 * 1024
const mostExceptions = 2 * 2 ** 20
const soon = 14 * 86_400_000

/** By what the gate decides. */
export interface Terms {
  readonly policy: GatePolicy
  readonly exceptions: readonly Exception[]
  readonly digest: Digest
}

/** The policy of the inputs or of their file, and the exceptions; of those that expire soon the log tells. @throws SW-GATE-POLICY, SW-GATE-EXCEPTIONS */
export async function termsOf(input: Input, { files, log, clock }: Context<'subject'>): Promise<Terms> {
  const read = (path: string, limit: number): Promise<string> => readText(resolve(files.workspace, path), limit)
  const policy = input.policy === undefined ? fromInputs(input) : parseGatePolicy(await read(input.policy, mostPolicy), input.policy)
  const given: ExceptionFile[] = []
  for (const path of input.exceptions === undefined ? [] : [input.exceptions])
    given.push(readExceptionFile(await read(path, mostExceptions), path))
  const exceptions = given.flatMap((one) => one.exceptions)
  const [now, longest] = [clock.now(), policy['max-exception']]
  requireHorizon(exceptions, { longest: longest === undefined ? undefined : parseDuration(longest), now })
  for (const { origin, why } of given.flatMap(({ skipped }) => skipped)) log.warn('an exception is not taken over', { origin, why })
  for (const { id, license, owner, expires, ends, origin } of exceptions) {
    const about = { id: id ?? license ?? 'any', owner, expires, origin }
    if (ends <= now) log.warn('an exception has expired and counts no more', about)
    else if (ends - now < soon) log.warn('an exception expires soon', about)
  }
  return { policy, exceptions, digest: policyDigest(policy, exceptions) }
}

function fromInputs({ failOn, fixableOnly, maxDatabaseAge }: Input): GatePolicy {
  const given = {
    'fail-on': failOn,
    'fixable-only': fixableOnly,
    'max-database-age': maxDatabaseAge === undefined ? undefined : `${maxDatabaseAge}ms`,
  }
  return checkGatePolicy(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), 'the inputs')
}
