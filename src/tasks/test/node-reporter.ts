import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunFolders } from './plan.ts'

/**
 * A reporter for `node --test`, loaded by Node itself. It writes JUnit XML, and lcov when coverage is measured, into the `folder` of
 * its URL, named after the process: one script may start several test runs, which would overwrite one another's fixed destination.
 */
export const nodeReporter = `import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import * as reporters from 'node:test/reporters'

const folder = new URL(import.meta.url).searchParams.get('folder')
const to = (name) => createWriteStream(join(folder, 'node-' + process.pid + name))
const lcov = () => (typeof reporters.lcov === 'function' ? new reporters.lcov() : reporters.lcov)

async function* keeping(source, kind, kept) {
  for await (const event of source) {
    if (event.type === kind) kept.push(event)
    yield event
  }
}

// Node escapes a quotation mark in an attribute twice.
async function* junit(source) {
  for await (const text of reporters.junit(source)) yield text.replaceAll('&amp;quot;', '&quot;')
}

export default async function* report(source) {
  const coverage = []
  await pipeline(Readable.from(keeping(source, 'test:coverage', coverage)), junit, to('.xml'))
  if (coverage.length > 0) await pipeline(Readable.from(coverage), lcov(), to('.lcov'))
  yield ''
}
`

/** Where {@link nodeReporter} lies: not in the workspace, where linters and test tools would find it. */
export function reporterUrl({ reports, temporary }: RunFolders): URL {
  const url = pathToFileURL(join(temporary, nodeReporterName))
  url.searchParams.set('folder', reports)
  return url
}

export const nodeReporterName = 'node-reporter.mjs'

/** The globs of what {@link nodeReporter} writes. */
export const nodeReports = { reports: 'node-*.xml', coverage: 'node-*.lcov' } as const

/**
 * NODE_OPTIONS that add the reporter to every \x that a script starts, whatever else it reports.
 * Undefined when the scripts name reporters in a way that leaves no room for another (Node then wants a destination for each).
 */
export function withReporter(options: { readonly existing: string; readonly scripts: string; readonly reporter: URL }): string | undefined {
  const told = `${options.existing} ${options.scripts}`
  const reporters = told.match(/--test-reporter(?=[= ])/g)?.length ?? 0
  const destinations = told.match(/--test-reporter-destination(?=[= ])/g)?.length ?? 0
  if (reporters !== destinations) return undefined
  const forPeople = reporters === 0 ? ['--test-reporter=spec', '--test-reporter-destination=stdout'] : []
  const ours = [`--test-reporter=${options.reporter.href}`, '--test-reporter-destination=stdout']
  return [options.existing, ...forPeople, ...ours].filter((option) => option !== '').join(' ')
}
