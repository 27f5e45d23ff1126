import type { Advisory, Affected } from './advisory.ts'
import { type Coordinates, canonicalName, familyOf, isOfEcosystem } from './ecosystem.ts'
import { mentionsIn } from './mentions.ts'
import { type ParsedRecord, parseAdvisory, type Wants } from './schema.ts'

/** The name of a package among what was collected. */
export function keyOf(ecosystem: string, name: string): string {
  return `${ecosystem} ${canonicalName(ecosystem, name)}`
}

/** Of records in any number and order, what is about the packages that were asked for: memory follows the packages. */
export class Collector {
  readonly #index: Index
  /** By the identifier of the record, of which the one modified last counts; undefined where that one is withdrawn. */
  readonly #kept = new Map<string, { readonly modified: string; readonly advisory: Advisory | undefined }>()
  readonly #ecosystems = new Set<string>()
  readonly #dates = new Map<string, string>()
  #records = 0

  constructor(asked: readonly Coordinates[]) {
    this.#index = indexOf(asked)
  }

  /** Looks at a record, and parses it when it names a package that is asked for. @throws SW-ADVISORIES-INVALID */
  add(json: Buffer, where: string): void {
    this.#records += 1
    let [isMentioned, newest, last] = [false, '', '']
    mentionsIn(json, {
      modified: (time) => {
        if (time > newest && isTime(time)) newest = time
      },
      mention: ({ ecosystem, name }) => {
        isMentioned ||= this.#index.names.has(loose(name))
        // Records of distributions name the same few again and again.
        if (ecosystem !== last) this.#date(ecosystem, newest)
        last = ecosystem
      },
    })
    // A record about no package, or one whose members have names with escapes: only parsing tells.
    if (isMentioned || last === '') this.#keep(parseAdvisory(json, where, this.#wants(last === '' ? newest : undefined)))
  }

  /** What is asked for; of a record of a time whose ecosystems were not seen by its letters, these are noted too. */
  #wants(unseen: string | undefined): Wants {
    return (ecosystem, name) => {
      if (unseen !== undefined) this.#date(ecosystem, unseen)
      return this.#index.find(ecosystem, name).length > 0
    }
  }

  /** Of one identifier the record that was changed last; of two of one time, as a mirror may have one for each ecosystem, both. */
  #keep({ id, modified, advisory }: ParsedRecord): void {
    const there = this.#kept.get(id)
    const order = there === undefined ? 1 : Date.parse(modified) - Date.parse(there.modified)
    if (order < 0) return
    const both = order === 0 && advisory !== undefined && there?.advisory !== undefined
    const whole = both ? { ...advisory, affected: eachOnce([...there.advisory.affected, ...advisory.affected]) } : advisory
    this.#kept.set(id, { modified, advisory: order === 0 ? (whole ?? there?.advisory) : whole })
  }

  /** Records that were looked at. */
  get records(): number {
    return this.#records
  }

  /** Every ecosystem, with its release, that any record is about. */
  get ecosystems(): ReadonlySet<string> {
    return this.#ecosystems
  }

  /** The latest `modified` of any record of an ecosystem, whatever the release; RFC 3339. */
  get dates(): ReadonlyMap<string, string> {
    return this.#dates
  }

  /** By {@link keyOf} ecosystem and name, of each advisory only what it says of that package: one may be about thousands. */
  advisories(): ReadonlyMap<string, readonly Advisory[]> {
    const filed = new Map<string, Advisory[]>()
    for (const { advisory } of this.#kept.values()) {
      if (advisory === undefined) continue
      const own = new Map<string, Affected[]>()
      for (const affected of advisory.affected) {
        for (const key of this.#index.find(affected.ecosystem, affected.name)) append(own, key, affected)
      }
      for (const [key, affected] of own) append(filed, key, { ...advisory, affected })
    }
    return filed
  }

  #date(ecosystem: string, modified: string): void {
    this.#ecosystems.add(ecosystem)
    const family = familyOf(ecosystem)
    if (modified > (this.#dates.get(family) ?? '')) this.#dates.set(family, modified)
  }
}

function eachOnce(all: readonly Affected[]): readonly Affected[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()]
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const there = lists.get(key)
  if (there === undefined) lists.set(key, [item])
  else there.push(item)
}

interface Index {
  /** Names in their loosest form, by which a record is worth parsing. */
  readonly names: ReadonlySet<string>
  find(ecosystem: string, name: string): readonly string[]
}

function indexOf(asked: readonly Coordinates[]): Index {
  const byName = new Map<string, Coordinates[]>()
  for (const one of asked) {
    for (const name of one.names) {
      append(byName, loose(name), one)
    }
  }
  return {
    names: new Set(byName.keys()),
    find: (ecosystem, name) => [
      ...new Set(
        (byName.get(loose(name)) ?? [])
          .filter(
            (one) => isOfEcosystem(ecosystem, one) && one.names.some((own) => keyOf(one.ecosystem, own) === keyOf(one.ecosystem, name)),
          )
          .map((one) => keyOf(one.ecosystem, name)),
      ),
    ],
  }
}

function loose(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)
}
