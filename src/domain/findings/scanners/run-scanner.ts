import { join } from 'node:path'
import { writeAtomic } from '../../../io/files.ts'
import type { Ports, ProcessResult } from '../../../spec/ports.ts'
import type { Layout } from '../../oci/layout.ts'
import { readReport } from '../reports/read-report.ts'
import type { Report } from '../reports/report.ts'
import { scannerDatabase, scannerFailed } from './errors.ts'
import type { Program } from './program.ts'
import { apart } from './scanner.ts'

/**
 * What a scanner reports of a layout with one image, with the age of its database where it tells it. It runs in a private folder with empty
 * settings, sees none of our variables but those that every program needs, no credential of a registry or a proxy among them, and is told to
 * fetch nothing. @throws SW-SCANNER-DATABASE, SW-SCANNER-FAILED, SW-SCAN-REPORT-…
 */
export async function runScanner(
  { scanner, path, start, cache, date }: Program,
  { layout, timeout }: { readonly layout: Layout; readonly timeout: number },
  { process, files }: Ports,
): Promise<Report> {
  const cwd = await files.temporary(scanner.name)
  const [report, settings] = [join(cwd, 'report.json'), join(cwd, 'settings.yaml')]
  await writeAtomic(settings, '{}\n')
  const { args, env } = scanner.scan({ layout: layout.folder, report, settings, cache, timeout })
  const result = await process.run({ argv: [start, ...args], cwd, env: apart(env, cwd), timeout })
  if (result.timedOut)
    throw scannerFailed(`${path} was ended after ${timeout / 1000} s.`, { hint: `scanner-timeout: ${Math.ceil(timeout / 30_000)}m` })
  if (result.code !== 0) throw failureOf(scanner, path, result)
  const read = await readReport(report, `the report of ${scanner.name}`)
  if (read.source !== scanner.name) throw scannerFailed(`${path} wrote a report of ${read.source}.`)
  return date === undefined ? read : { ...read, date }
}

function failureOf({ name, withoutDatabase }: Program['scanner'], path: string, result: ProcessResult): Error {
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
  const words = lines.slice(-3).join('; ').slice(0, 600)
  if (withoutDatabase.test(result.stderr)) throw scannerDatabase(`${path} has no database: ${words}`, { hint: `${name}-cache: FOLDER` })
  throw scannerFailed(`${path} ended with ${result.code === null ? `signal ${result.signal}` : `exit code ${result.code}`}: ${words}`)
}
