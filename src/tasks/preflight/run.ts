import { isReferenceFault, parseReference } from '../../base/reference.ts'
import type { HarborCheck } from '../../domain/harbor/preflight-check.ts'
import { requireAsked } from '../../domain/harbor/preflight-inputs.ts'
import { preflightAt, preflightLine, preflightTable } from '../../domain/harbor/preflight-verdict.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { checkedTags } from '../../domain/oci/tag-names.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

export const run = implement(task, async (input, context) => {
  requireAsked(input)
  const { tags, scan, expiry, createProject } = input
  const repository = connect(input, context)
  const plan = { tags: checkedTags(tags), scan, expiry, createProject }
  const asked = input.preflight === 'off' ? undefined : await preflightAt(repository, plan)
  const { checks = [], failure } = asked ?? {}
  const isThrown = failure !== undefined && input.preflight !== 'warn'
  // What fails the task is told by its failure, once.
  for (const { name, verdict, message } of checks)
    if (verdict !== 'pass' && !(isThrown && verdict === 'fail'))
      context.log[verdict === 'unknown' ? 'info' : 'warn']('Harbor was asked', { check: name, verdict, seen: message })
  const why = input.preflight === 'off' ? 'not asked' : `${repository.registry} does not answer as a Harbor: nothing to ask`
  return {
    outputs: {
      verdict: asked === undefined ? 'none' : verdictOf(checks),
      report: asked === undefined ? undefined : reportOf(repository, checks),
    },
    record: {},
    headline: asked === undefined ? why : `${repository.name} · ${preflightLine(checks)}`,
    summary: asked === undefined ? [] : [preflightTable(checks)],
    ...(isThrown ? { failure } : {}),
  }
})

function connect({ image, username, password, plainHttp }: Input, context: Context<never>): Repository {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  return registry.repository(reference.repository)
}

/** What is not known is never taken for good. */
function verdictOf(checks: readonly HarborCheck[]): string {
  return (['fail', 'unknown'] as const).find((verdict) => checks.some((one) => one.verdict === verdict)) ?? 'pass'
}

function reportOf({ name: image }: Repository, checks: readonly HarborCheck[]): string {
  const rows = checks.map(({ name, verdict, message, kind }) => ({
    name,
    verdict,
    message,
    ...(kind === undefined ? {} : { code: kind.code }),
  }))
  return `${JSON.stringify({ image, verdict: verdictOf(checks), checks: rows }, undefined, 2)}\n`
}
