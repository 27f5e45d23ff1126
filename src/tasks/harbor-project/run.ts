import { messageOf, TaskError } from '../../base/errors.ts'
import { applyProjects } from '../../domain/harbor/project/apply.ts'
import type { Change } from '../../domain/harbor/project/change.ts'
import { planProjects, type Request } from '../../domain/harbor/project/plan.ts'
import { sarifOfChanges } from '../../domain/harbor/project/sarif.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { harborOf } from './account.ts'
import { fileOf, pruneOf, rotateNowOf } from './asked.ts'
import { harborProjectDrift } from './errors.ts'
import { exportTo } from './export.ts'
import { planRotations, robotMaker, rotateAll } from './rotation.ts'
import { rotationLines, rotationResult, rotationTable } from './rotation-result.ts'
import { countsOf, summaryOf, type Tense, tableOf } from './summary.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

export const run = implement(task, async (input, context) => {
  if (input.mode === 'export') return exportTo(input, context)
  const request = await requestOf(input, context)
  if (input.mode === 'apply') return apply(request, context)
  if (input.mode === 'rotate') return rotate(request, input, context)
  const now = rotateNowOf(input, request.read)
  const changes = await planProjects(request)
  const result = resultOf(changes, 'open', { request, context })
  const open = differences(changes)
  if (input.mode === 'plan') return withRotations(result, { request, now, context })
  if (open === 0) return result
  const failure = harborProjectDrift(`${open} of ${changes.length} settings differ between ${request.read.name} and Harbor.`, {
    hint: 'set `mode: apply`, or take what is in Harbor into the file',
    safe: 'nothing was changed',
  })
  return { ...result, failure }
})

async function requestOf(input: Input, context: Context<never>): Promise<Request> {
  const prune = pruneOf(input)
  const read = await fileOf(input, context)
  const harbor = await harborOf(input, context)
  const makeRobot = robotMaker({ harbor, read, now: [] }, context)
  return { read, harbor, prune, time: context.clock.now(), makeRobot, leave: leftTo(context) }
}

/** Tells each setting once, however often it is read. */
function leftTo({ log }: Context<never>): (setting: string) => void {
  const told = new Set<string>()
  return (setting) => {
    if (!told.has(setting)) log.info('prune leaves it as it is', { setting })
    told.add(setting)
  }
}

/** What `mode: rotate` would do, beside what `mode: apply` would. */
async function withRotations<R extends { readonly summary: readonly Block[] }>(
  result: R,
  { request, now, context }: { readonly request: Request; readonly now: readonly string[]; readonly context: Context<never> },
): Promise<R> {
  const robots = await planRotations({ ...request, now }, context)
  if (robots.length === 0) return result
  context.log.untrusted(rotationLines(robots, false))
  return { ...result, summary: [...result.summary, rotationTable(robots, false)] }
}

async function rotate(request: Request, input: Input, context: Context<never>) {
  const now = rotateNowOf(input, request.read)
  const robots = await rotateAll({ ...request, now }, context)
  context.log.untrusted(rotationLines(robots, true))
  return rotationResult(robots, { ...request, now })
}

async function apply(request: Request, context: Context<never>) {
  const applied = await applyProjects(request)
  const result = resultOf(
    applied.flatMap(({ changes }) => changes),
    'done',
    { request, context },
  )
  const failed = applied.filter(({ error }) => error !== undefined)
  const unexpected = failed.find(({ error }) => !(error instanceof TaskError))
  if (unexpected !== undefined) throw unexpected.error
  for (const { project, error } of failed) context.log.error('a project is not as the file says', { project, why: messageOf(error) })
  const [first] = failed
  if (first?.error instanceof TaskError) return { ...result, failure: first.error }
  // What was changed differs no more.
  return { ...result, outputs: { ...result.outputs, sarif: sarifOfChanges([], request.read.name) } }
}

function resultOf(
  changes: readonly Change[],
  tense: Tense,
  { request, context }: { readonly request: Request; readonly context: Context<never> },
) {
  context.log.untrusted(tableOf(changes, tense))
  return {
    outputs: {
      changes: differences(changes),
      plan: `${JSON.stringify({ harbor: request.harbor.origin, file: request.read.name, changes })}\n`,
      sarif: sarifOfChanges(changes, request.read.name),
    },
    record: {},
    headline: countsOf(changes, tense),
    summary: summaryOf(changes, tense),
  }
}

function differences(changes: readonly Change[]): number {
  return changes.filter(({ action }) => action !== 'unchanged').length
}
