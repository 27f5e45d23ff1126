import { CORE_SCHEMA, dump } from 'js-yaml'
import * as v from 'valibot'
import { neutraliseLine } from '../../../base/untrusted.ts'
import { inParallel } from '../../oci/parallel.ts'
import type { Harbor } from '../client.ts'
import { harborDenied, harborMissing } from '../errors.ts'
import { accountOf } from '../login.ts'
import { findProject } from './calls.ts'
import { pathText } from './file.ts'
import type { Found, Kind, Place, ProjectPlace } from './kind.ts'
import { kindsOfProject } from './kinds.ts'
import { atOnce } from './plan.ts'
import { projectFileSchema } from './schema.ts'

export interface Exported {
  /** A file that wants what is there. */
  readonly text: string
  /** What is there and not in the file, a line each. */
  readonly notes: readonly string[]
}

type Settings = Record<string, unknown>

/** Writes projects of Harbor as a file. What the account may not see and what a file has no words for is noted. */
export async function exportProjects(harbor: Harbor, names: readonly string[]): Promise<Exported> {
  const place: Place = { harbor, account: await accountOf(harbor), file: { projects: {} }, secrets: new Map(), time: 0 }
  const [projects, notes] = [new Map<string, Settings>(), [] as string[]]
  await inParallel(names, atOnce, async (name) => {
    const project = await findProject(harbor, name)
    if (project === undefined) throw harborMissing(`Harbor has no project ${JSON.stringify(name)}.`)
    projects.set(name, await settingsOf({ ...place, name, project }, notes))
  })
  const data = { projects: Object.fromEntries(names.map((name) => [name, projects.get(name) ?? {}])) }
  notes.push(...takeOut(data))
  return { text: written(data, notes), notes }
}

async function settingsOf(place: ProjectPlace, notes: string[]): Promise<Settings> {
  const settings: Settings = {}
  for (const kind of kindsOfProject) {
    const found = await readOrNote(kind, place, notes)
    const section: unknown = found === undefined ? undefined : kind.exported(found)
    if (section !== undefined) settings[kind.name] = section
    else if (kind.name === 'groups')
      for (const group of found?.keys() ?? []) notes.push(`${place.name} › groups › ${group}: Harbor does not tell its type`)
  }
  const isReused = Object(settings['metadata'])['reuse-sys-cve-allowlist'] !== false
  if (settings['cve-allowlist'] !== undefined && isReused) {
    delete settings['cve-allowlist']
    notes.push(`${place.name} › cve-allowlist: without effect, the project goes by the list of the system`)
  }
  return settings
}

async function readOrNote(kind: Kind, place: ProjectPlace, notes: string[]): Promise<ReadonlyMap<string, Found> | undefined> {
  try {
    return await kind.read(place)
  } catch (error) {
    if (!harborDenied.is(error)) throw error
    notes.push(`${place.name} › ${kind.name}: this account may not see it`)
    return undefined
  }
}

/** Takes out what the file’s own schema would refuse: settings of another version, words that Harbor made up. */
function takeOut(data: object): readonly string[] {
  const notes: string[] = []
  for (let rounds = 0; rounds < 10; rounds += 1) {
    const parsed = v.safeParse(projectFileSchema, data)
    if (parsed.success) return notes
    for (const { path = [] } of parsed.issues) {
      const keys = path.map(({ key }) => (typeof key === 'number' ? key : String(key)))
      const holder = keys.slice(0, -1).reduce<unknown>((node, key) => Reflect.get(Object(node), key), data)
      const last = keys.at(-1)
      const gone: unknown = last === undefined ? undefined : Reflect.get(Object(holder), last)
      if (last === undefined || gone === undefined) continue
      if (Array.isArray(holder)) holder.splice(Number(last), 1)
      else Reflect.deleteProperty(Object(holder), last)
      notes.push(`${pathText(keys)}: ${JSON.stringify(gone).slice(0, 200)} is nothing that a file may say`)
    }
  }
  return notes
}

function written(data: object, notes: readonly string[]): string {
  const comments = notes.map((note) => `# not in this file: ${neutraliseLine(note)}\n`).join('')
  return `${comments}${dump(data, { schema: CORE_SCHEMA, lineWidth: 140, noRefs: true })}`
}
