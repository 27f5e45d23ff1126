import { chmodSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it, test } from '@jest/globals'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { silent } from '../fakes/served-registry.ts'
import { newFolder } from '../models/folders.ts'
import type { StepResult } from '../models/runner.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { workspaceWith } from './workspaces.ts'

/** A program that has a child, writes down who both are, and goes on for ever; `deaf` to signals if it says so. */
const program = (isDeaf: boolean): string => `#!/usr/bin/env node
const { spawn } = require('child_process'), fs = require('fs')
if (${isDeaf}) for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {})
fs.appendFileSync('pids', process.pid + '\\n')
if (process.argv[2] !== 'child') spawn(process.execPath, [__filename, 'child'], { stdio: 'inherit' })
else console.log('both have', 'begun')
setInterval(() => {}, 1000)
`

const files = {
  'app/run': '#!/bin/true\n',
  'forever.cjs': program(false),
  'deaf.cjs': program(true),
  'bin/docker-credential-slow': program(false),
  'slipway.yaml': JSON.stringify({ tasks: [{ test: { command: ['node', 'forever.cjs'] } }] }),
}

const forever = { inputs: { command: '["node", "forever.cjs"]' }, at: 'both have begun' }
const deaf = { inputs: { command: '["node", "deaf.cjs"]' }, at: 'both have begun' }
const atNetwork = 'the registry warns'

/** Milliseconds until the next signal, which should not be needed: hosts wait for less, and a slow machine takes longer. */
const patience = 60_000

/** Work that does not end by itself; REGISTRY is one that never answers what `hangs` is about. */
const endless = {
  'test, whose command is one that ends when asked': { task: 'test', ...forever },
  'test, whose command and its child are deaf to signals': { task: 'test', ...deaf },
  'the root action': { task: 'slipway', inputs: {}, at: 'both have begun' },
  'build, whose base does not come': {
    ...{ task: 'build', at: atNetwork, hangs: /^GET .*\/blobs\// },
    inputs: { context: 'app', entrypoint: '/app/run', base: 'REGISTRY/team/app:1' },
  },
  'push, whose blobs nobody takes': {
    ...{ task: 'push', at: atNetwork, hangs: /^PUT .*\/blobs\// },
    inputs: { image: 'REGISTRY/other/app' },
  },
  'push, whose credential helper does not answer': {
    ...{ task: 'push', at: 'starting a program', hangs: /^$/ },
    inputs: { image: 'REGISTRY/private/app' },
  },
} as const

interface Work {
  readonly task: string
  readonly inputs: Readonly<Record<string, string>>
  readonly at: string
  readonly hangs?: RegExp
}

/** A registry that warns, so that the log tells of it, wants a login for some, and never answers requests that fit. */
async function startSlow() {
  const registry = await createRegistry({ root: newFolder(), log: silent })
  let hangs: RegExp | undefined
  const server = await listen(async (request, response) => {
    if (hangs?.test(`${request.method} ${request.url}`)) return new Promise(() => undefined)
    response.setHeader('warning', '299 - "we are slow"')
    if (request.url?.includes('/private/')) response.writeHead(401, { 'www-authenticate': 'Basic realm="here"' }).end()
    else await registry(request, response)
  })
  return {
    address: server.address,
    close: server.close,
    hang(which: RegExp): void {
      hangs = which
    },
  }
}

/** A workspace in which the work can begin, its inputs, and the variables that it needs. */
async function prepare({ inputs, hangs }: Work) {
  const workspace = workspaceWith(files)
  chmodSync(join(workspace, 'bin/docker-credential-slow'), 0o755)
  const slow = await startSlow()
  if (hangs !== undefined) await pushFirst(workspace, slow.address)
  if (hangs !== undefined) slow.hang(hangs)
  return {
    workspace,
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, value.replace('REGISTRY', slow.address)])),
    environment: {
      ...{ RUNNER_DEBUG: '1', DOCKER_AUTH_CONFIG: JSON.stringify({ credHelpers: { [slow.address]: 'slow' } }) },
      PATH: [join(workspace, 'bin'), dirname(process.execPath), process.env['PATH']].join(':'),
    },
    [Symbol.asyncDispose]: () => slow.close(),
  }
}

async function pushFirst(cwd: string, address: string): Promise<void> {
  const build = ['build', '--context=app', '--base=scratch', '--plan=folder', '--entrypoint=/app/run']
  const push = ['push', '--image', `${address}/team/app`, '--tags=1']
  for (const argv of [build, push]) expect(await slipway(argv, { cwd })).toMatchObject({ code: 0, stderr: '' })
}

/** Programs that wrote down who they are and have not gone, after the moment that the system takes for it. */
async function alive(workspace: string): Promise<string[]> {
  const pids = join(workspace, 'pids')
  const known = existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n') : []
  for (let left = 400; ; left -= 1) {
    const there = known.filter(isRunning)
    if (there.length === 0 || left === 0) return there
    await sleep(50)
  }
}

/** A dead process whose parent has not looked yet has no command any more. */
function isRunning(pid: string): boolean {
  const command = `/proc/${pid}/cmdline`
  return existsSync(command) && readFileSync(command).length > 0
}

/** What a run of the bundle left in the folder for temporary files, which is the runner's. */
function left({ temporary }: StepResult): string[] {
  return readdirSync(temporary).filter((name) => name !== '_runner_file_commands')
}

describe('a cancelled job', () => {
  test.each(Object.entries(endless))('ends %s, with all programs, before SIGTERM would come', async (_, work: Work) => {
    await using scene = await prepare(work)
    const { workspace } = scene
    const result = await onGithub(work.task, { ...scene, cancel: { at: work.at, interrupt: patience } })
    expect([result.exitCode, result.signals, result.orphans, left(result)]).toEqual([130, ['SIGINT'], [], []])
    expect([await alive(workspace), [...result.outputs.values()].join('')]).toEqual([
      [],
      work.task === 'slipway' ? '.slipway/record.json' : '',
    ])
    expect(result.annotations.at(-1)?.properties.get('title')).toBe('SW-CANCELLED')
  })

  it('that is asked again ends at once, and takes its programs with it', async () => {
    await using scene = await prepare({ task: 'test', ...deaf })
    const result = await onGithub('test', { ...scene, cancel: { at: deaf.at, interrupt: 200, terminate: patience } })
    expect([result.exitCode, result.signals, result.orphans, left(result)]).toEqual([143, ['SIGINT', 'SIGTERM'], [], []])
    expect(await alive(scene.workspace)).toEqual([])
  })

  it('that was killed is cleaned up by its post step, which may come twice', async () => {
    const workspace = workspaceWith({ 'kill.cjs': `process.kill(process.ppid, 'SIGKILL')` })
    const run = await onGithub('test', { workspace, inputs: { command: '["node", "kill.cjs"]' } })
    expect([run.exitCode, left(run)]).toEqual([null, [expect.stringMatching(/^slipway-test-/)]])
    for (const _ of ['once', 'twice']) {
      const post = await onGithub('test', { workspace, state: run.state, environment: { RUNNER_TEMP: run.temporary } })
      expect([post.exitCode, post.raw, post.errors, left(run)]).toEqual([0, { stdout: '', stderr: '' }, [], []])
    }
  })

  test.each(['test', 'build', 'push', 'slipway'])('has a post step for %s that is silent where there is nothing to do', async (task) => {
    const run = await onGithub(task, { inputs: { nonsense: 'x' } })
    const post = await onGithub(task, { state: run.state, environment: { RUNNER_TEMP: run.temporary } })
    expect([run.exitCode, post.exitCode, post.raw, post.outputs.size]).toEqual([2, 0, { stdout: '', stderr: '' }, 0])
  })
})

describe('a cancelled TaskRun', () => {
  const own = Object.entries(endless).filter(([, { task }]) => task === 'build' || task === 'push')

  test.each(own)('ends %s, with all programs, before the kubelet kills it; all results are there', async (_, work: Work) => {
    await using scene = await prepare(work)
    const { entrypoint, ...scalars } = scene.inputs
    const { exitCode, results, home } = await onTekton(work.task, {
      workspaces: { source: scene.workspace },
      params: { ...scalars, ...(entrypoint === undefined ? {} : { entrypoint: [entrypoint] }) },
      environment: scene.environment,
      cancel: { at: work.at, grace: patience },
    })
    expect([exitCode, [...(results?.values() ?? ['no results'])].join(''), readdirSync(join(home, 'tmp'))]).toEqual([143, '', []])
    expect(await alive(scene.workspace)).toEqual([])
  })
})

test.each([
  ['Ctrl-C', 1],
  ['Ctrl-C and, as that takes too long, another', 2],
])('%s on a laptop ends the programs too', async (_, count) => {
  const cwd = workspaceWith(files)
  const temporary = newFolder()
  let sent = 0
  const { code } = await slipway(['test', '--command', 'node', '--command', 'deaf.cjs'], {
    cwd,
    environment: { TMPDIR: temporary },
    watch: (child, stdout) => {
      const isDue = sent < count && stdout.includes(sent === 0 ? deaf.at : 'SIGINT received')
      if (isDue) child.kill('SIGINT')
      if (isDue) sent += 1
    },
  })
  expect([code, sent, await alive(cwd), readdirSync(temporary)]).toEqual([130, count, [], []])
})
