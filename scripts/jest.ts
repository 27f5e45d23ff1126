import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)

/** The suites, and what of jest's configuration each one changes. Those of integration have the machine for themselves; the others mostly wait for it. */
const suites = {
  unit: ['--maxWorkers=100%'],
  integration: [
    '--roots=test/integration',
    '--runInBand',
    '--testPathIgnorePatterns=/node_modules/',
    '--testPathIgnorePatterns=/fixtures/',
  ],
  scanners: ['--roots=test/scanners', '--runInBand', '--testPathIgnorePatterns=/node_modules/', '--testPathIgnorePatterns=/fixtures/'],
  e2e: ['--roots=test/e2e', '--maxWorkers=3', '--testPathIgnorePatterns=/node_modules/', '--testPathIgnorePatterns=/fixtures/'],
} as const

export type Suite = keyof typeof suites

/** Runs a suite, leaves its totals in `.cache/results/<suite>.json`, and returns whether all of it passed. */
export function jest(suite: Suite, extra: readonly string[] = [], env: NodeJS.ProcessEnv = process.env): boolean {
  const totals = join(root, '.cache', 'results', `${suite}.json`)
  mkdirSync(dirname(totals), { recursive: true })
  rmSync(totals, { force: true })
  const temporary = temporaryFolder()
  const argv = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js', ...suites[suite]]
  const { status } = spawnSync(process.execPath, [...argv, '--json', `--outputFile=${totals}`, ...extra], {
    cwd: root,
    env: { ...env, TMPDIR: temporary },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(temporary, { recursive: true, force: true })
  return status === 0
}

/** What tests leave there goes with it. Like /tmp it is for every user: some tests run programs as another one. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-jest-'))
  chmodSync(folder, 0o1777)
  return folder
}
