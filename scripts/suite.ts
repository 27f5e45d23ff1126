// The suites that need programs of the machine: `npm run test:integration`, `npm run test:e2e`.
// Where something is missing they say what and do not run; with CI=true that is a failure.
//   node scripts/suite.ts integration|e2e [ARGUMENT...]     arguments go to jest
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { jest } from './jest.ts'
import { Lab, labFile } from './lab.ts'

/** Programs by suite; the ones of the lab are fetched by `lab get debian tools`. */
const needs = {
  integration: ['docker-registry', 'skopeo', 'umoci', 'buildah', 'runc', 'crane'],
  e2e: ['docker-registry', 'act', 'crane', 'curl', 'git'],
} as const

const [suite, ...rest] = process.argv.slice(2)
if (suite !== 'integration' && suite !== 'e2e') throw new Error(`the suite is ${JSON.stringify(suite)}, expected integration or e2e`)
process.exitCode = run(suite) ? 0 : 1

function run(name: 'integration' | 'e2e'): boolean {
  const path = [...(existsSync(labFile) ? Lab.path() : []), ...(process.env['PATH'] ?? '').split(delimiter)]
  const missing = [
    ...(name === 'e2e' && !existsSync(labFile) ? [`the lab at ${labFile}`] : []),
    ...needs[name].filter((program) => !path.some((folder) => existsSync(join(folder, program)))),
  ]
  if (missing.length > 0) return cannotRun(name, missing)
  const env = { ...process.env, PATH: path.join(delimiter) }
  if (name === 'integration') return jest(name, rest, env)
  using lab = new Lab('e2e', ['registry'])
  const ok = jest(name, rest, { ...env, ...lab.env })
  if (!ok) lab.keepLogs()
  return ok
}

/** Without CI the absence of a program is not a failure of ours. */
function cannotRun(name: string, missing: readonly string[]): boolean {
  const ci = process.env['CI'] === 'true'
  process.stderr.write(`${name} ${ci ? 'cannot run' : 'skipped'}: not found: ${missing.join(', ')}\n`)
  return !ci
}
