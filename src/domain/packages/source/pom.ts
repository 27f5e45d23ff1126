import type { Draft, Told } from '../cataloguer.ts'
import { lockFile } from './lock-file.ts'
import { at, childText, type Element, xmlDocument } from './xml.ts'

/** In characters, of a name or a version. */
const longest = 1000

/**
 * Maven's `pom.xml`, which is no lock file: it names what the project needs itself, and a version only where no parent or imported list does.
 * What those bring is known to a build alone: a project that needs anything is unscannable, with what it names as packages.
 */
export const pom = lockFile(
  'pom.xml',
  (content): Told => {
    const [project] = at(xmlDocument(content), 'project')
    if (project === undefined) return { packages: [], unscannable: 'it has no <project>' }
    const properties = propertiesOf(project)
    const managed = new Map(
      at(project, 'dependencyManagement', 'dependencies', 'dependency').map((one) => [nameOf(one, properties).join(':'), one]),
    )
    const packages = at(project, 'dependencies', 'dependency').flatMap((one): readonly Draft[] => {
      const [namespace, name] = nameOf(one, properties)
      const said = (field: string): string | undefined =>
        childText(one, field) ?? childText(managed.get(`${namespace}:${name}`) ?? one, field)
      const isDevelopment = ['test', 'provided', 'system'].includes(said('scope') ?? '')
      const found = { type: 'maven', namespace, name, version: exact(resolved(said('version'), properties)), licenses: [] } as const
      return namespace === '' || name === '' ? [] : [{ ...found, ...(isDevelopment ? { scope: 'development' } : {}) }]
    })
    if (packages.every(({ scope }) => scope === 'development')) return { packages }
    return {
      packages,
      unscannable: 'it names what the project needs, not what that needs in turn: look through the built archive or image',
    }
  },
  4 * 2 ** 20,
)

function nameOf(dependency: Element, properties: ReadonlyMap<string, string>): readonly [string, string] {
  return [resolved(childText(dependency, 'groupId'), properties), resolved(childText(dependency, 'artifactId'), properties)]
}

function propertiesOf(project: Element): ReadonlyMap<string, string> {
  const [parent] = at(project, 'parent')
  const own = (name: string): string => childText(project, name) ?? (parent === undefined ? undefined : childText(parent, name)) ?? ''
  return new Map([
    ...['groupId', 'version'].flatMap((name) => [`project.${name}`, `pom.${name}`, name].map((key) => [key, own(name)] as const)),
    ...at(project, 'properties')
      .flatMap(({ children }) => children)
      .map(({ name, text }) => [name, text.trim()] as const),
  ])
}

/** With properties put in, also such as name others, but not without an end; empty where it gets too long. */
function resolved(written: string | undefined, properties: ReadonlyMap<string, string>): string {
  let value = written ?? ''
  for (let round = 0; round < 5 && value.length <= longest; round += 1)
    value = value.replace(/\$\{([^{}]+)\}/g, (whole, name: string) => (properties.get(name) ?? whole).slice(0, longest + 1))
  return value.length <= longest ? value : ''
}

/** Of a range, of what stays a property, and of `LATEST` the version is not known. */
function exact(version: string): string {
  const [, pinned = version] = /^\[([^,[\]()]+)\]$/.exec(version) ?? []
  return /[${}[\](),]|^(?:LATEST|RELEASE)$/.test(pinned) ? '' : pinned
}
