// Cold start: from spawning node to the first line, for a bare node and for each bundle in dist/.
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Options } from './images.ts'
import { median, print } from './table.ts'

const dist = join(dirname(import.meta.dirname), 'dist')
/** Milliseconds over bare node. */
const goal = 100

/** Starts are short: four times as many of them as of the other measurements. */
export async function benchStart({ folder, rounds }: Options): Promise<void> {
  const bundles = readdirSync(dist).filter((name) => name !== 'shared' && statSync(join(dist, name)).isDirectory())
  const programs = new Map([
    ['bare node', [join(import.meta.dirname, 'bare.mjs')]],
    ...bundles.map((name) => [name, [join(dist, name, 'index.js'), ...(name === 'slipway' ? ['--version'] : [])]] as const),
  ])
  const times = new Map([...programs.keys()].map((name) => [name, [] as number[]]))
  // In turn, so that whatever else the machine does meets all of them; the first round only warms the disk.
  for (let run = 0; run <= rounds * 4; run++)
    for (const [name, argv] of programs) {
      const time = await firstLine(argv, folder)
      if (run > 0) times.get(name)?.push(time)
    }
  report(times)
}

/** Milliseconds until the first byte on either stream. */
function firstLine(argv: readonly string[], folder: string): Promise<number> {
  const begin = performance.now()
  const child = spawn(process.execPath, argv, { cwd: folder, env: runner(folder), stdio: ['ignore', 'pipe', 'pipe'] })
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
function runner(folder: string): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], HOME: folder, GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder }
}

/** The least of many runs is what the program itself takes; what is above it is the machine's other work. */
function report(times: ReadonlyMap<string, readonly number[]>): void {
  const bare = Math.min(...(times.get('bare node') ?? []))
  print('\nfirst line, milliseconds\n\n| | median | least | over bare node |\n| --- | --: | --: | --: |')
  for (const [name, values] of times) {
    const over = Math.min(...values) - bare
    const cells = [median(values), Math.min(...values), over].map((value) => value.toFixed(1))
    print(`| ${name} | ${cells.join(' | ')}${over > goal ? ` (goal ${goal})` : ''} |`)
  }
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).map((file) => statSync(join(dist, file)))
  const total = files.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
  print(`\ndist/ in all: ${(total / 1000).toFixed(1)} kB`)
}
