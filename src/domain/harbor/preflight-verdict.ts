import { TaskError } from '../../base/errors.ts'
import type { Block } from '../../spec/ports.ts'
import type { Repository } from '../oci/registry.ts'
import { unreachable } from '../oci/unreachable.ts'
import { harborOf, patience } from './at-registry.ts'
import { harborDenied, harborPreflight, harborStrange } from './errors.ts'
import { checkHarbor } from './preflight.ts'
import { type HarborCheck, type HarborPlan, unknown } from './preflight-check.ts'

/** What a Harbor was asked beforehand. */
export interface Preflight {
  /** `pass` also where something is not known; `warn` where it goes on all the same. */
  readonly checks: readonly HarborCheck[]
  /** All faults at once, for whoever does not go on. */
  readonly failure: TaskError | undefined
}

/** Asks the Harbor that a repository is in; undefined where another registry answers. What does not answer is a fault like any other. */
export async function preflightAt(repository: Repository, plan: Omit<HarborPlan, 'repository'>): Promise<Preflight | undefined> {
  try {
    return await ask(repository, plan)
  } catch (error) {
    const failure = unreachable(error, `Could not ask ${repository.registry} beforehand`)
    if (!(failure instanceof TaskError)) throw failure
    // A page of a proxy's, or a door before the API: the registry may take the image all the same.
    if (harborStrange.is(failure) || harborDenied.is(failure)) return { checks: [unknown('answers', failure.message)], failure: undefined }
    return { checks: [{ name: 'answers', verdict: 'fail', message: failure.message }], failure }
  }
}

async function ask(repository: Repository, plan: Omit<HarborPlan, 'repository'>): Promise<Preflight | undefined> {
  const harbor = await harborOf(repository, patience)
  if (harbor === undefined) return undefined
  const server = await repository.server()
  const credential = await server.credential()
  if (credential !== undefined && credential.kind !== 'password')
    return {
      checks: [unknown('login', `the token from ${credential.source} is good for the registry, not for the API`)],
      failure: undefined,
    }
  const username = credential?.kind === 'password' ? credential.username : undefined
  const checks = await checkHarbor(harbor, { ...plan, repository: repository.path }, { clock: repository.clock, username })
  return { checks, failure: failureOf(checks, repository) }
}

/** One fault is the error that it would be later; several are one error with a line for each. */
function failureOf(checks: readonly HarborCheck[], { registry, name }: Repository): TaskError | undefined {
  const faults = checks.filter(({ verdict }) => verdict === 'fail')
  const [first, ...others] = faults
  if (first === undefined) return undefined
  const safe = 'nothing was pushed'
  if (others.length === 0 && first.kind !== undefined)
    return first.kind(`Harbor at ${registry} would refuse ${name}: ${first.message}.`, { safe })
  const lines = faults.map(({ name: what, kind, message }) => `  ${what.padEnd(8)}  ${kind?.code ?? ''}  ${message}`)
  return harborPreflight([`Harbor at ${registry} would refuse ${name}, ${faults.length} faults:`, ...lines].join('\n'), { safe })
}

/** Every check with its verdict, for a summary. */
export function preflightTable(checks: readonly HarborCheck[]): Block {
  const rows = checks.map(({ name, verdict, message }) => [name, verdict, message])
  return { kind: 'table', title: 'Preflight', columns: ['check', 'verdict', 'seen'], rows }
}

/** `7 of 8 checks passed, 1 unknown: expiry` */
export function preflightLine(checks: readonly HarborCheck[]): string {
  const of = (verdict: HarborCheck['verdict']): readonly string[] => checks.filter((one) => one.verdict === verdict).map(({ name }) => name)
  const rest = (['fail', 'warn', 'unknown'] as const).flatMap((verdict) => {
    const names = of(verdict)
    return names.length === 0 ? [] : [`${names.length} ${verdict}: ${names.join(', ')}`]
  })
  return [`${of('pass').length} of ${checks.length} checks passed`, ...rest].join(' · ')
}
