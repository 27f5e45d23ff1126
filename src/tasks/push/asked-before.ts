import { preflightAt, preflightTable } from '../../domain/harbor/preflight-verdict.ts'
import type { Repository } from '../../domain/oci/registry.ts'
import type { InputOf } from '../../spec/define.ts'
import type { Block, Log } from '../../spec/ports.ts'
import type { task } from './task.ts'

interface Known {
  readonly log: Log
  /** That move now, or when all else is done. */
  readonly tags: readonly string[]
  readonly size: (others: readonly string[]) => Promise<number>
}

/** Asks a Harbor before anything is pushed whether it would take the image; what to show of it. Throws what it would refuse with. */
export async function askedBefore(
  repository: Repository,
  { preflight, createProject, digest }: InputOf<typeof task>,
  { log, tags, size }: Known,
): Promise<readonly Block[]> {
  if (preflight === 'off') return []
  const asked = await preflightAt(repository, { tags, digest, size, createProject })
  if (asked === undefined) return []
  if (asked.failure !== undefined && preflight === 'auto') throw asked.failure
  for (const { name, verdict, message } of asked.checks)
    if (verdict === 'fail' || verdict === 'warn') log.warn('Harbor was asked beforehand', { check: name, verdict, seen: message })
  return [preflightTable(asked.checks)]
}
