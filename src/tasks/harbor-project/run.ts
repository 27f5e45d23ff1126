import { relative, resolve } from 'node:path'
import { messageOf, TaskError } from '../../base/errors.ts'
import { applyProjects } from '../../domain/harbor/project/apply.ts'
import type { Change } from '../../domain/harbor/project/change.ts'
import { parseProjectFile } from '../../domain/harbor/project/file.ts'
import { planProjects, type Request } from '../../domain/harbor/project/plan.ts'
import { sarifOfChanges } from '../../domain/harbor/project/sarif.ts'
import { readText } from '../../io/files.ts'
import { type Context, type InputOf, implement } from '../../spec/define.ts'
import { harborOf } from './account.ts'
import { harborProjectDrift, harborProjectUnsaid } from './errors.ts'
import { countsOf, summaryOf, type Tense, tableOf } from './summary.ts'
import { task } from './task.ts'

type Input = InputOf<typeof task>

const longestFile = 8 * 2 ** 20

export const run = implement(task, async (input, context) => {
  const request = await requestOf(input, context)
  if (input.mode === 'apply') return apply(request, context)
  const changes = await planProjects(request)
  const result = resultOf(changes, 'open', { request, context })
  const open = differences(changes)
  if (input.mode === 'plan' || open === 0) return result
  const failure = harborProjectDrift(`${open} of ${changes.length} settings differ between ${request.read.name} and Harbor.`, {
    hint: 'set `mode: apply`, or take what is in Harbor into the file',
    safe: 'nothing was changed',
  })
  return { ...result, failure }
})

async function requestOf(input: Input, context: Context<never>): Promise<Request> {
  const { file } = input
  const { workspace } = context.files
  if (file === undefined) throw harborProjectUnsaid(`\`file\` is not set, and mode ${input.mode} needs it.`)
  const path = resolve(workspace, file)
  const read = parseProjectFile(await readText(path, longestFile), relative(workspace, path))
  return { read, harbor: await harborOf(input, context), prune: new Set() }
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
  return first?.error instanceof TaskError ? { ...result, failure: first.error } : result
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
