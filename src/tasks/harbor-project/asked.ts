import { relative, resolve } from 'node:path'
import { suggest } from '../../base/suggest.ts'
import { parseProjectFile, type ReadFile } from '../../domain/harbor/project/file.ts'
import { type KindName, projectKinds, systemKinds } from '../../domain/harbor/project/kind.ts'
import { readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { inputsInvalid } from '../../spec/errors.ts'
import { harborProjectUnsaid } from './errors.ts'
import { secretsIn } from './secrets.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const longestFile = 8 * 2 ** 20
const prunable: readonly KindName[] = [...projectKinds, ...systemKinds].filter((kind) => kind !== 'project')

/** The file with the secrets that it names, of those projects only that were asked for. @throws SW-HARBOR-PROJECT-FILE */
export async function fileOf(input: Input, context: Context<never>): Promise<ReadFile> {
  const { file, projects = [] } = input
  const { workspace } = context.files
  if (file === undefined) throw harborProjectUnsaid(`\`file\` is not set, and mode ${input.mode} needs it.`)
  const path = resolve(workspace, file)
  const read = parseProjectFile(await readText(path, longestFile), relative(workspace, path), secretsIn(input.secrets, context))
  if (projects.length === 0) return read
  const known = Object.keys(read.file.projects)
  const unknown = projects.find((name) => !known.includes(name))
  if (unknown !== undefined) throw inputsInvalid(`projects has ${unsaid(unknown, known)} in ${read.name}.`)
  const only = Object.entries(read.file.projects).filter(([name]) => projects.includes(name))
  return { ...read, file: { projects: Object.fromEntries(only) } }
}

/** The kinds that may be deleted. */
export function pruneOf({ prune = [] }: Pick<Input, 'prune'>): ReadonlySet<KindName> {
  const kinds = prune.map((word) => {
    const kind = prunable.find((one) => one === word)
    if (kind === undefined) throw inputsInvalid(`prune has ${unsaid(word, prunable)}, expected of ${prunable.join(', ')}.`)
    return kind
  })
  return new Set(kinds)
}

/** The robots to replace now, as `project/robot`: a name that nothing has would be a rotation that did not happen. */
export function rotateNowOf({ rotateNow }: Pick<Input, 'rotateNow'>, { file, name }: ReadFile): readonly string[] {
  const known = Object.entries(file.projects).flatMap(([project, settings]) =>
    Object.entries(settings?.robots ?? {}).flatMap(([robot, one]) => (one['secret-to'] === undefined ? [] : [`${project}/${robot}`])),
  )
  const unknown = rotateNow.find((word) => word !== 'all' && !known.includes(word))
  if (unknown === undefined) return rotateNow
  throw inputsInvalid(`rotate-now has ${unsaid(unknown, known)} among the robots with secret-to of ${name}.`)
}

function unsaid(word: string, known: readonly string[]): string {
  const meant = suggest(word, known)
  return `${JSON.stringify(word)}, which is not${meant === undefined ? '' : ` (did you mean ${meant}?)`}`
}
