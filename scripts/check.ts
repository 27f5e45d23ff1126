// `npm test`: everything that needs only Node. All steps run, then one line for each says how it went.
//   npm test [-- ARGUMENT...]     arguments go to jest
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { jest } from './jest.ts'

const root = dirname(import.meta.dirname)

const steps: readonly (readonly [name: string, run: () => boolean])[] = [
  ['lint', () => node('node_modules/@biomejs/biome/bin/biome', 'ci', '.')],
  ['types', () => node('node_modules/typescript/bin/tsc', '-p', '.')],
  ['emit --check', () => node('scripts/emit.ts', '--check')],
  ['build --check', () => node('scripts/build.ts', '--check')],
  ['tests', () => jest('unit', process.argv.slice(2))],
]

const lines = steps.map(([name, run]) => {
  process.stdout.write(`\n── ${name}\n`)
  const begin = performance.now()
  const ok = run()
  process.exitCode = ok ? process.exitCode : 1
  return `${ok ? '✓' : '✗'} ${name.padEnd(14)} ${((performance.now() - begin) / 1000).toFixed(1).padStart(6)} s`
})
process.stdout.write(`\n${lines.join('\n')}\n`)

function node(...argv: string[]): boolean {
  const { status, error } = spawnSync(process.execPath, argv, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  if (error !== undefined) throw error
  return status === 0
}
