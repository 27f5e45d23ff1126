import { exists, factsOrNothing, list, readText } from '../../io/files.ts'
import { dependenciesUnusable } from './errors.ts'

/** An environment as `python -m venv`, virtualenv or uv make it. Paths are relative to the project. */
export interface Venv {
  readonly folder: string
  /** `3.11`. */
  readonly version: string
  readonly sitePackages: string
}

/** Where environments are by custom, the first that is there. */
const names = ['.venv', 'venv', 'env']

/** The folder of a project's environment; undefined when there is none. */
export async function findVenv(root: string): Promise<string | undefined> {
  for (const name of names) if (await exists(`${root}/${name}/pyvenv.cfg`)) return name
  return undefined
}

/** What an environment says of itself. @throws SW-BUILD-DEPENDENCIES */
export async function readVenv(root: string): Promise<Venv | undefined> {
  const folder = await findVenv(root)
  if (folder === undefined) return undefined
  const settings = settingsOf(await readText(`${root}/${folder}/pyvenv.cfg`, 2 ** 16))
  if (settings.get('include-system-site-packages') === 'true')
    throw dependenciesUnusable(`${folder} takes packages of the machine too, which would be missing in the image.`, {
      hint: `python3 -m venv --clear ${folder}, without --system-site-packages, and install again`,
    })
  const found = (await factsOrNothing(`${root}/${folder}/lib`))?.kind === 'directory' ? await list(`${root}/${folder}/lib`) : []
  const libraries = found.filter(({ name }) => /^python3\.\d+$/.test(name)).map(({ name }) => name)
  const [library = ''] = libraries
  if (libraries.length === 1)
    return { folder, version: library.slice('python'.length), sitePackages: `${folder}/lib/${library}/site-packages` }
  throw dependenciesUnusable(`${folder}/lib has ${libraries.join(' and ') || 'no python3.N'}, expected one.`, {
    hint: `python3 -m venv --clear ${folder}, on Linux, and install again`,
  })
}

function settingsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const [, key, value] = /^([^=]+?)\s*=\s*(.*?)\s*$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key.toLowerCase(), value.toLowerCase()] as const]
    }),
  )
}
