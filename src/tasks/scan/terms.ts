import { resolve } from 'node:path'
import type { Digest } from '../../base/digest.ts'
import { type ExceptionsDocument, endOf, parseExceptions } from '../../domain/gate/exceptions.ts'
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
  readonly exceptions: ExceptionsDocument
  readonly digest: Digest
}

/** The policy of the inputs or of their file, and the exceptions; of those that expire soon the log tells. @throws SW-GATE-POLICY, SW-GATE-EXCEPTIONS */
export async function termsOf(input: Input, { files, log, clock }: Context<'subject'>): Promise<Terms> {
  const read = (path: string, limit: number): Promise<string> => readText(resolve(files.workspace, path), limit)
  const policy = input.policy === undefined ? fromInputs(input) : parseGatePolicy(await read(input.policy, mostPolicy), input.policy)
  const exceptions = input.exceptions === undefined ? [] : parseExceptions(await read(input.exceptions, mostExceptions), input.exceptions)
  const now = clock.now()
  for (const one of exceptions) {
    const { id, owner, expires } = one
    if (endOf(one) <= now) log.warn('an exception has expired and counts no more', { id, owner, expires })
    else if (endOf(one) - now < soon) log.warn('an exception expires soon', { id, owner, expires })
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
