import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, test } from '@jest/globals'
import { workspaceWith } from '../pipeline/road.fake.ts'

const fixtures = join(import.meta.dirname, 'fixtures')

interface Given {
  readonly cwd: string
  /** Another entry of the fixtures than the command. */
  readonly entry?: string
  readonly environment?: Readonly<Record<string, string>>
  /** Sends the signal when this many lines have come, or when a line has this text; once more at `again`. */
  readonly stop?: { readonly signal: NodeJS.Signals; readonly at: number | string; readonly again?: string }
}

/** The real command in a process of its own. */
function slipway(
  argv: readonly string[],
  { cwd, entry = 'slipway.ts', environment = {}, stop }: Given,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'] ?? '', SLIPWAY_HOST: 'local', LANG: 'C.UTF-8', ...environment }
  const child = spawn(process.execPath, [join(fixtures, entry), ...argv], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text
    const isDue = typeof stop?.at === 'number' ? output.stdout.split('\n').length > stop.at : output.stdout.includes(stop?.at ?? '\0')
    // Once: a second signal ends a process at once.
    if (stop !== undefined && isDue && !child.killed) child.kill(stop.signal)
    else if (stop?.again !== undefined && output.stdout.includes(stop.again)) child.kill(stop.signal)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text
  })
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...output })))
}

const temporaryFolders = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith('slipway-'))

describe('a run in a process of its own', () => {
  it('writes no escape sequences into a pipe, and all of it before it ends', async () => {
    const { code, stdout, stderr } = await slipway(['run', '--test.command', 'nothing-of-this-name'], { cwd: workspaceWith() })
    expect([code, stderr]).toEqual([4, ''])
    expect(stdout).toMatch(/^slipway \d+\.\d+\.\d+ · /)
    expect(stdout).toContain('SW-PROCESS-NOT-FOUND')
    expect(stdout).toMatch(/\nexit 4: .*\n$/)
    expect(stdout).not.toContain('\u001b')
  })

  it('keeps a large output whole', async () => {
    const script = 'for (let line = 0; line < 50000; line += 1) console.log("line " + line)'
    const { code, stdout } = await slipway(['test', '--command', 'node', '--command=-e', '--command', script, '--no-fail-on-no-tests'], {
      cwd: workspaceWith(),
    })
    expect(code).toBe(0)
    expect(stdout).toContain('line 49999\n')
  })

  it('ends when a slow reader has all of the output', async () => {
    const child = spawn(process.execPath, [join(fixtures, 'wordy.ts')], {
      env: { SLIPWAY_HOST: 'local' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // Longer than open connections may hold it.
    await delay(3500)
    const [output] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('close', resolve))])
    expect([output.length, child.exitCode]).toEqual([4_000_001, 0])
  })

  it('ends when the reader has gone, whatever was still to be written', async () => {
    const child = spawn(process.execPath, [join(fixtures, 'wordy.ts')], {
      env: { SLIPWAY_HOST: 'local' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await delay(3500)
    child.stdout.destroy()
    await new Promise((resolve) => child.once('close', resolve))
    expect(child.exitCode).toBe(0)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('%s is how a registry ends that has served: with 0, as its help says', async (signal) => {
    const cwd = workspaceWith()
    expect((await slipway(['registry'], { cwd, stop: { signal, at: 'registry  127.0.0.1:' } })).code).toBe(0)
    expect((await slipway(['registry', '--help'], { cwd })).stdout).toContain('SIGINT and SIGTERM end it with exit code 0')
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s while a key is awaited is not told as a key that is missing, and exits %i', async (signal, exit) => {
    const cwd = workspaceWith()
    execFileSync('mkfifo', ['-m', '600', join(cwd, 'pipe')])
    const argv = [join(fixtures, 'slipway.ts'), 'keys', 'public', '--key', 'pipe']
    const child = spawn(process.execPath, argv, { cwd, env: { SLIPWAY_HOST: 'local' }, stdio: ['ignore', 'ignore', 'pipe'] })
    // Opened when somebody reads.
    const writer = await open(join(cwd, 'pipe'), 'w')
    child.kill(signal)
    const [output] = await Promise.all([text(child.stderr), new Promise((resolve) => child.once('close', resolve))])
    await writer.close()
    expect([child.exitCode, output.includes('SW-KEY-MISSING')]).toEqual([exit, false])
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s ends the program of the task too, removes temporary files, and exits %i', async (signal, exit) => {
    const temporary = mkdtempSync(join(tmpdir(), 'slipway-stop-'))
    const script = 'require("fs").writeFileSync("pid", String(process.pid)); console.log("now", "begun"); setInterval(() => {}, 1000)'
    const argv = ['test', '--command', 'node', '--command=-e', '--command', script]
    const cwd = workspaceWith()
    const { code, stdout } = await slipway(argv, { cwd, environment: { TMPDIR: temporary }, stop: { signal, at: 'now begun' } })
    expect(code).toBe(exit)
    expect(stdout).toContain('SW-CANCELLED')
    expect(() => process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 0)).toThrow('ESRCH')
    expect(temporaryFolders(temporary)).toEqual([])
  })
})

it('takes the program of the task with it when a second signal ends it at once', async () => {
  const script =
    'process.on("SIGTERM", () => {}); require("fs").writeFileSync("pid", String(process.pid)); console.log("now", "begun"); setInterval(() => {}, 1000)'
  const cwd = workspaceWith()
  const stop = { signal: 'SIGTERM', at: 'now begun', again: 'send it again' } as const
  const { code, stdout } = await slipway(['test', '--command', 'node', '--command=-e', '--command', script], { cwd, stop })
  expect([code, stdout.includes('SW-CANCELLED')]).toEqual([143, false])
  expect(await isGone(Number(readFileSync(join(cwd, 'pid'), 'utf8')))).toBe(true)
})

/** Whether a process disappears; who adopted it may let it be a zombie for a while. */
async function isGone(pid: number): Promise<boolean> {
  for (let wait = 0; wait < 1000; wait += 1) {
    if (!existsSync(`/proc/${pid}/status`) || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true
    await delay(20)
  }
  return false
}

it.each([
  ['a host that does not exist', { SLIPWAY_HOST: 'gitub' }, 2, 'SW-HOST-UNKNOWN'],
  ['a state file that cannot be written', { SLIPWAY_HOST: 'github', GITHUB_STATE: '/nowhere/state' }, 4, 'SW-HOST-UNWRITABLE'],
])('%s is told as any other error, before there is a host', async (_, environment, exit, error) => {
  const { code, stdout, stderr } = await slipway(['test'], { cwd: workspaceWith(), environment })
  expect([code, stdout]).toEqual([exit, ''])
  expect(stderr).toMatch(new RegExp(`^\\n {2}${error} [^]*\\nexit ${exit}: .*\\n$`))
})

it('resumes by making again what somebody has removed since', async () => {
  const road = `tasks:
  - test: { command: [node, -e, "0"], fail-on-no-tests: false }
  - build: { context: app, base: scratch, plan: folder, entrypoint: /a.txt }
`
  const cwd = workspaceWith({ 'slipway.yaml': road, 'app/a.txt': 'hello' })
  await slipway(['run', '--quiet'], { cwd })
  rmSync(join(cwd, '.slipway/layout'), { recursive: true })
  const { code, stdout } = await slipway(['resume'], { cwd })
  expect(code).toBe(0)
  expect(stdout).toMatch(/^= test .*unchanged$/m)
  expect(stdout).toMatch(/^✓ build /m)
  expect(existsSync(join(cwd, '.slipway/layout/index.json'))).toBe(true)
})

it('is a mistake of ours when the work comes to no end', async () => {
  const { code, stderr } = await slipway([], { cwd: workspaceWith(), entry: 'stuck.ts' })
  expect(code).toBe(1)
  expect(stderr).toContain('Slipway ended before its work was done')
})

describe('the clean-up after a step of GitHub', () => {
  it('removes the temporary folders of the step, and nothing else', async () => {
    const cwd = workspaceWith({ 'temp/slipway-auth-1/config.json': '{}', 'temp/others/x': '', 'precious/x': '' })
    const state = {
      'temporary-1': 'temp/slipway-auth-1',
      'temporary-2': 'precious',
      'temporary-3': 'temp',
      'temporary-4': 'temp/../precious',
    }
    const remembered = Object.fromEntries(Object.entries(state).map(([name, path]) => [`STATE_${name}`, `${cwd}/${path}`]))
    const environment = { SLIPWAY_HOST: 'github', RUNNER_TEMP: join(cwd, 'temp'), 'STATE_slipway-started': 'true', ...remembered }
    const { code, stdout, stderr } = await slipway([], { cwd, environment })
    expect([code, stdout, stderr]).toEqual([0, '', ''])
    expect(readdirSync(join(cwd, 'temp'))).toEqual(['others'])
    expect(existsSync(join(cwd, 'precious/x'))).toBe(true)
  })
})
