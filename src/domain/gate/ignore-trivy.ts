import * as v from 'valibot'
import { parsePurl } from '../sbom/read/parse-purl.ts'
import { exceptionsInvalid } from './errors.ts'
import type { Skipped } from './exception.ts'
import { type Entry, type Taken, takenFrom, until } from './ignored.ts'
import { readYaml } from './yaml.ts'

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(2000))
const texts = v.optional(v.pipe(v.array(text), v.maxLength(1000)), [])
const entry = v.strictObject({ id: text, paths: texts, purls: texts, expired_at: v.optional(text), statement: v.optional(text) })
const entries = v.optional(v.nullable(v.pipe(v.array(entry), v.maxLength(5000))), [])
const document = v.strictObject({
  vulnerabilities: entries,
  licenses: entries,
  misconfigurations: v.optional(v.unknown()),
  secrets: v.optional(v.unknown()),
})

/** `.trivyignore`: an identifier on each line, `exp:YYYY-MM-DD` behind it; a comment above says why. */
export function readTrivyLines(content: string, where: string): Taken {
  let reason = ''
  const entries: Entry[] = []
  for (const [at, line] of content.split(/\r?\n/).entries()) {
    const [, comment] = /^\s*#\s*(.*)$/.exec(line) ?? []
    if (comment !== undefined) reason = comment
    const [said = '', ...remark] = line.split('#')
    // Trivy takes the day wherever it stands, also behind a #: without it the entry would count for longer.
    const late = remark.flatMap((text) => /(?:^|\s)exp:\S+/.exec(text)?.[0].trim() ?? [])
    const [id, ...more] = [...said.trim().split(/\s+/), ...late]
    if (id === undefined || id === '') continue
    const origin = `${where}, line ${at + 1}`
    const [, day] = /^exp:(.+)$/.exec(more[0] ?? '') ?? []
    if (more.length > 1 || (more.length === 1 && day === undefined))
      throw exceptionsInvalid(`${origin} is "${line.slice(0, 100)}", expected an identifier and exp:YYYY-MM-DD.`)
    entries.push({ origin, id, reason: reason === '' ? undefined : reason, ...(day === undefined ? {} : until(day, origin)) })
    reason = ''
  }
  return { entries, skipped: [] }
}

/** `.trivyignore.yaml`: vulnerabilities and licences, each at any of its paths and of any of its packages. */
export function readTrivyYaml(content: string, where: string): Taken {
  const { vulnerabilities, licenses, misconfigurations, secrets } = takenFrom(document, readYaml(content, where, exceptionsInvalid), where)
  const skipped: Skipped[] = Object.entries({ misconfigurations, secrets }).flatMap(([name, value]) =>
    value === undefined ? [] : [{ origin: `${where}, ${name}`, why: 'nothing of the kind is looked for' }],
  )
  const read = (list: typeof vulnerabilities, kind: 'id' | 'license'): readonly Entry[] =>
    (list ?? []).map((one, at) => entryOf(one, kind, `${where}, ${kind === 'id' ? 'vulnerability' : 'license'} ${at + 1}`))
  return { entries: [...read(vulnerabilities, 'id'), ...read(licenses, 'license')], skipped }
}

function entryOf(
  { id, paths, purls, expired_at: day, statement }: v.InferOutput<typeof entry>,
  kind: 'id' | 'license',
  origin: string,
): Entry {
  const wrong = purls.find((purl) => parsePurl(purl) === undefined)
  if (wrong !== undefined) throw exceptionsInvalid(`${origin} names the package "${wrong.slice(0, 200)}", expected a package URL.`)
  return {
    ...{ origin, [kind]: id, paths, packages: purls.map((purl) => ({ purl })), reason: statement },
    ...(day === undefined ? {} : until(day, origin)),
  }
}
