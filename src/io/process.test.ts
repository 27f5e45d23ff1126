import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { Redactor } from '../base/redact.ts'
import type { Processes, ProcessRequest } from '../spec/ports.ts'
import { recordingLog } from './fixtures/ports.ts'
import { createProcesses } from './process.ts'

const node = process.execPath
const workspace = realpathSync(mkdtempSync(join(tmpdir(), 'process-')))
afterAll(() => rmSync(workspace, { recursive: true }))

function setUp(environment: Record<string, string> = { PATH: process.env['PATH'] ?? '' }) {
  const log = recordingLog()
  const redactor = new Redactor()
  const abort = new AbortController()
  const processes = createProcesses({ environment, workspace, signal: abort.signal, log, redactor })
  return { processes, log, redactor, abort }
}

function script(processes: Processes, code: string, request: Partial<ProcessRequest> = {}) {
  return processes.run({ argv: [node, '-e', code], ...request })
}

describe('running a program', () => {
  test.each(['', '--', '-e', 'a b', '$(HOME)', '$$', '"\'`', 'line\nline', '😀', '*', ';rm -rf /', '&&', '\\', '%PATH%'])(
    'argument %j arrives as it is',
    async (argument) => {
      const { stdout } = await script(setUp().processes, 'process.stdout.write(process.argv[1])', {
        argv: [node, '-e', 'process.stdout.write(JSON.stringify(process.argv.slice(1)))', '--', 'x', argument],
      })
      expect(JSON.parse(stdout)).toEqual(['x', argument])
    },
  )

  it('gives exit status, both streams and the time', async () => {
    const result = await script(setUp().processes, 'console.log("out"); console.error("err"); process.exitCode = 7')
    expect(result).toMatchObject({ code: 7, signal: null, timedOut: false, stdout: 'out\n', stderr: 'err\n' })
    expect(result.duration).toBeGreaterThan(0)
  })

  it('names the signal that ended the child', async () => {
    expect(await script(setUp().processes, 'process.kill(process.pid, "SIGKILL")')).toMatchObject({ code: null, signal: 'SIGKILL' })
  })

  it('runs in the workspace or the folder asked for', async () => {
    const { processes } = setUp()
    expect((await script(processes, 'process.stdout.write(process.cwd())')).stdout).toBe(workspace)
    expect((await script(processes, 'process.stdout.write(process.cwd())', { cwd: '/' })).stdout).toBe('/')
  })

  it('feeds standard input, and an empty one ends at once', async () => {
    const { processes } = setUp()
    const copy = 'process.stdin.pipe(process.stdout)'
    expect((await script(processes, copy, { stdin: 'hello' })).stdout).toBe('hello')
    expect((await script(processes, copy)).stdout).toBe('')
  })

  it('does not fail when a megabyte of input is not read', async () => {
    expect(await script(setUp().processes, '', { stdin: 'x'.repeat(1 << 20) })).toMatchObject({ code: 0 })
  })

  it('keeps the last bytes, on a character boundary', async () => {
    const { stdout } = await script(setUp().processes, 'process.stdout.write("é".repeat(100000) + "END")', { keep: 10 })
    expect(stdout).toBe('éééEND')
  })

  it('writes standard output byte for byte into a file', async () => {
    const path = join(workspace, 'bytes')
    await script(setUp().processes, 'process.stdout.write(Buffer.alloc(300000, 0xff))', { stdoutFile: path })
    expect(readFileSync(path).equals(Buffer.alloc(300_000, 0xff))).toBe(true)
  })

  it('names a full disk that stdoutFile meets', async () => {
    await expect(script(setUp().processes, 'console.log("x")', { stdoutFile: '/dev/full' })).rejects.toMatchObject({ code: 'SW-DISK-FULL' })
  })
})

describe('what a child sees of our environment', () => {
  const ours = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/home/me',
    LC_ALL: 'C',
    https_proxy: 'http://proxy',
    NODE_OPTIONS: '--no-warnings',
    APP_SETTING: 'on',
    GITHUB_SHA: 'abc',
    GITHUB_TOKEN: 'token',
    GITHUB_ENV: '/env',
    GITHUB_OUTPUT: '/output',
    GITHUB_PATH: '/path',
    GITHUB_STATE: '/state',
    GITHUB_STEP_SUMMARY: '/summary',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'token',
    ACTIONS_RUNTIME_TOKEN: 'token',
    INPUT_PASSWORD: 'secret',
    'INPUT_REGISTRY-PASSWORD': 'secret',
    RESULT_IMAGE: '/tekton/results/image',
    STATE_X: 'x',
  }
  const show = 'process.stdout.write(Object.keys(process.env).sort().join(" "))'

  test.each([
    ['tool', {}, 'HOME LC_ALL PATH https_proxy'],
    ['user', {}, 'APP_SETTING GITHUB_SHA HOME LC_ALL NODE_OPTIONS PATH https_proxy'],
    ['tool', { GITHUB_TOKEN: 'given' }, 'GITHUB_TOKEN HOME LC_ALL PATH https_proxy'],
  ] as const)('%s, with %j added', async (inherit, env, names) => {
    expect((await script(setUp(ours).processes, show, { inherit, env })).stdout).toBe(names)
  })
})

describe('output', () => {
  it('is echoed line by line, the last one without its line feed', async () => {
    const { processes, log } = setUp()
    await script(processes, 'process.stdout.write("a\\nb\\nc")', { echo: true })
    expect(log.foreign.join('\n')).toBe('a\nb\nc')
  })

  it('is not echoed unless asked for', async () => {
    const { processes, log } = setUp()
    await script(processes, 'console.log("a")')
    expect(log.foreign).toEqual([])
  })

  it('shows a line without end in parts', async () => {
    const { processes, log } = setUp()
    await script(processes, 'process.stdout.write("x".repeat(200000))', { echo: true })
    expect(log.foreign.length).toBeGreaterThan(1)
    expect(log.foreign.join('')).toBe('x'.repeat(200_000))
  })

  it('never shows a secret, though written one byte at a time', async () => {
    const { processes, log, redactor } = setUp()
    redactor.add('swordfish-1')
    const code = 'const w = (s) => s === "" || process.stdout.write(s[0], () => setTimeout(w, 1, s.slice(1))); w("is swordfish-1!")'
    const { stdout } = await script(processes, code, { echo: true })
    expect(stdout).toBe('is ***!')
    expect(log.foreign).toEqual(['is ***!'])
  })
})

describe('output that is a secret', () => {
  it('is given as it is, also when it is hidden already, and never echoed; stderr is as ever', async () => {
    const { processes, log, redactor } = setUp()
    redactor.add('swordfish-1')
    const code = 'console.log("swordfish-1"); console.error("for swordfish-1")'
    const { stdout, stderr } = await script(processes, code, { echo: true, secretOutput: true })
    expect([stdout, stderr, log.foreign]).toEqual(['swordfish-1\n', 'for ***\n', ['for ***']])
  })
})

describe('a program that cannot be started', () => {
  const plain = join(workspace, 'plain')
  const orphan = join(workspace, 'orphan')
  writeFileSync(plain, 'text')
  writeFileSync(orphan, '#!/no/such/interpreter\n')
  chmodSync(orphan, 0o755)

  test.each([
    ['not on PATH', ['no-such-program'], 'SW-PROCESS-NOT-FOUND', /"no-such-program": not found in PATH/],
    ['no such path', ['./missing'], 'SW-PROCESS-NOT-FOUND', /not found in .*\/missing/],
    ['empty name', [''], 'SW-PROCESS-NOT-FOUND', /""/],
    ['a folder', ['./'], 'SW-PROCESS-NOT-FOUND', /not found/],
    ['not executable', ['./plain'], 'SW-PROCESS-NOT-STARTED', /not an executable file/],
    ['interpreter missing', ['./orphan'], 'SW-PROCESS-NOT-STARTED', /interpreter/],
    ['arguments too large', [node, 'x'.repeat(4_000_000)], 'SW-PROCESS-NOT-STARTED', /E2BIG/],
    ['NUL in an argument', [node, 'a\0b'], 'SW-PROCESS-NOT-STARTED', /NUL/],
  ])('%s', async (_, argv, code, message) => {
    await expect(setUp().processes.run({ argv })).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('whose working folder is missing', async () => {
    await expect(script(setUp().processes, '', { cwd: '/no/such' })).rejects.toMatchObject({
      code: 'SW-PROCESS-NOT-STARTED',
      message: expect.stringContaining('/no/such'),
    })
  })

  it('leaves no copy open', async () => {
    await expect(setUp().processes.run({ argv: ['nothing-there'], stdoutFile: '/no/such/file' })).rejects.toMatchObject({
      code: 'SW-FILE-MISSING',
    })
  })
})

describe('find', () => {
  it('gives an absolute path or nothing', async () => {
    const { processes } = setUp()
    expect(await processes.find('sh')).toMatch(/^\/.*\/sh$/)
    expect(await processes.find('no-such-program')).toBeUndefined()
  })
})

describe('ending', () => {
  const family = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log(process.pid); process.send("begun")'], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  `

  it('ends the group when the time is over', async () => {
    const result = await script(setUp().processes, 'setInterval(() => {}, 1000)', { timeout: 200 })
    expect(result).toMatchObject({ timedOut: true, code: null, signal: 'SIGTERM' })
  })

  it('kills what ignores SIGTERM, grandchildren too', async () => {
    const result = await script(setUp().processes, `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); ${family}`, {
      // Time for both to have begun.
      timeout: 5000,
    })
    expect(result).toMatchObject({ timedOut: true, signal: 'SIGKILL' })
    expect(await isGone(Number(result.stdout))).toBe(true)
  })

  it('rejects with the reason of the abort, after the group has gone', async () => {
    const { processes, abort, log } = setUp()
    const running = script(processes, `setInterval(() => {}, 1000); console.log(process.pid)`, { echo: true })
    while (log.foreign.length === 0) await delay(10)
    abort.abort(new Error('SIGINT'))
    await expect(running).rejects.toThrow('SIGINT')
    expect(await isGone(Number(log.foreign[0]))).toBe(true)
  })

  it('does not start anything after an abort', async () => {
    const { processes, abort } = setUp()
    abort.abort(new Error('SIGTERM'))
    await expect(script(processes, 'require("node:fs").writeFileSync("started", "")')).rejects.toThrow('SIGTERM')
    expect(() => readFileSync(join(workspace, 'started'))).toThrow()
  })

  it('is not held up by a grandchild that keeps the pipes', async () => {
    const result = await script(setUp().processes, `${family}; child.on('message', () => process.exit(3))`)
    expect(result.code).toBe(3)
    expect(await isGone(Number(result.stdout))).toBe(true)
  })
})

/** Whether a process disappears: a killed one is a zombie until its new parent reaps it. */
async function isGone(pid: number): Promise<boolean> {
  expect(pid).toBeGreaterThan(1)
  for (let wait = 0; wait < 1000; wait += 1) {
    try {
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return true
    } catch {
      return true
    }
    await delay(20)
  }
  return false
}
