// Cold start: from spawning node to the first line, for a bare node and for each bundle in dist/.
//   npm run bench [-- RUNS]
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)
const dist = join(root, 'dist')
const runs = Number(process.argv[2] ?? 20)
/** Milliseconds over bare node. */
const goal = 100

const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'))
const bundles = readdirSync(dist).filter((name) => name !== 'shared' && statSync(join(dist, name)).isDirectory())
const programs = new Map([
  ['bare node', [join(import.meta.dirname, 'bare.mjs')]],
  ...bundles.map((name) => [name, [join(dist, name, 'index.js'), ...(name === 'slipway' ? ['--version'] : [])]] as const),
])
const times = new Map([...programs.keys()].map((name) => [name, [] as number[]]))

// In turn, so that whatever else the machine does meets all of them; the first round only warms the disk.
for (let run = 0; run <= runs; run++)
  for (const [name, argv] of programs) {
    const time = await firstLine(argv)
    if (run > 0) times.get(name)?.push(time)
  }
rmSync(folder, { recursive: true })
report()

/** Milliseconds until the first byte on either stream. */
function firstLine(argv: readonly string[]): Promise<number> {
  const begin = performance.now()
  const child = spawn(process.execPath, argv, { cwd: folder, env: runner(), stdio: ['ignore', 'pipe', 'pipe'] })
  return new Promise((resolve, reject) => {
    let first: number | undefined
    const heard = (): void => {
      first ??= performance.now() - begin
    }
    child.stdout.on('data', heard)
    child.stderr.on('data', heard)
    child.on('error', reject)
    child.on('close', () => (first === undefined ? reject(new Error(`${argv.join(' ')} printed nothing`)) : resolve(first)))
  })
}

/** As GitHub's runner starts an action, with no inputs. */
function runner(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: folder, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder }
}

/** The least of many runs is what the program itself takes; what is above it is the machine's other work. */
function report(): void {
  const bare = Math.min(...(times.get('bare node') ?? []))
  print(`first line, ${runs} runs, ${process.version}      median     least   over bare   ratio`)
  for (const [name, values] of times) {
    const least = Math.min(...values)
    const over = least - bare
    const columns = [median(values).toFixed(1), least.toFixed(1), `${over.toFixed(1)} ms`, `× ${(least / bare).toFixed(2)}`]
    print(`${name.padEnd(34)}${columns.map((text) => text.padStart(10)).join('')}${over > goal ? `   over the goal of ${goal} ms` : ''}`)
  }
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((file) => statSync(join(dist, file)))
  const total = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  print(`dist/ in all: ${(total / 1000).toFixed(1)} kB`)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
