import * as v from 'valibot'
import type { Draft } from '../../cataloguer.ts'
import { normalized } from '../../languages/python.ts'
import { lockFile } from '../lock-file.ts'

const listed = v.object({ version: v.optional(v.string()), path: v.optional(v.string()), editable: v.optional(v.boolean()) })
const section = v.optional(v.record(v.string(), listed), {})
const document = v.objectWithRest({ default: section, develop: section, _meta: v.unknown() }, section)
type Section = v.InferOutput<typeof section>

/** `Pipfile.lock`: what runs, what is for development, and categories of the project's own. Of what comes from a repository the version is not known; what has a path is the project's own. */
export const pipfileLock = lockFile('Pipfile.lock', (content) => {
  const { _meta: _, default: runtime, develop, ...others } = v.parse(document, JSON.parse(content), { abortEarly: true })
  const run = [runtime, ...Object.values(others)].flatMap(draftsOf)
  return { packages: [...run, ...draftsOf(develop).map((one) => ({ ...one, scope: 'development' as const }))] }
})

function draftsOf(section: Section): readonly Draft[] {
  return Object.entries(section)
    .filter(([, { path }]) => path === undefined)
    .map(([name, { version = '' }]) => ({ type: 'pypi', name: normalized(name), version: version.replace(/^={2,3}\s*/, ''), licenses: [] }))
}
