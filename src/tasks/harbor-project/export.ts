import { resolve } from 'node:path'
import { exportProjects } from '../../domain/harbor/project/export.ts'
import { writeNew } from '../../io/files.ts'
import type { Context, InputOf, OutputOf, Result } from '../../spec/define.ts'
import { harborOf } from './account.ts'
import { harborProjectUnsaid } from './errors.ts'
import type { task } from './task.ts'

/** Writes what is there as a file, where none is yet: what a person wrote is never replaced. */
export async function exportTo(input: InputOf<typeof task>, context: Context<never>): Promise<Result<OutputOf<typeof task>, object>> {
  const { file, projects = [] } = input
  if (projects.length === 0 || file === undefined)
    throw harborProjectUnsaid(`mode export needs \`file\` and \`projects\`; ${file === undefined ? 'file' : 'projects'} is not set.`)
  const { text, notes } = await exportProjects(await harborOf(input, context), projects)
  if (!(await writeNew(resolve(context.files.workspace, file), text)))
    throw harborProjectUnsaid(`${file} is there already, and export writes no file anew.`, {
      hint: 'give `file` another name, and compare',
      safe: 'nothing was changed',
    })
  for (const note of notes) context.log.untrusted(`not in the file: ${note}`)
  const left = notes.length === 0 ? '' : ` · ${notes.length} left out`
  return {
    outputs: { changes: 0, plan: undefined, sarif: undefined },
    record: {},
    headline: `${projects.length === 1 ? '1 project' : `${projects.length} projects`} → ${file}${left}`,
    summary: notes.length === 0 ? [] : [{ kind: 'text', text: notes.map((note) => `not in the file: ${note}`).join('\n') } as const],
  }
}
