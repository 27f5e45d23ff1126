import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fakeSurroundings } from '../../test/models/surroundings.ts'
import { defineTask } from '../spec/define.ts'
import { list, text } from '../spec/kinds.ts'
import { detectHost } from './detect.ts'

const task = defineTask({
  name: 'push',
  summary: 'Push.',
  reads: [],
  writes: [],
  inputs: { image: text({ optional: true, summary: 'x' }), tags: list({ default: [], summary: 'x' }) },
  outputs: {},
  errors: [],
})

describe('the host', () => {
  test.each([
    [{}, false, 'local'],
    [{ GITHUB_ACTIONS: 'true' }, false, 'github'],
    [{ GITHUB_ACTIONS: 'true' }, true, 'github'],
    [{ GITHUB_ACTIONS: '' }, true, 'tekton'],
    [{ SLIPWAY_HOST: 'tekton' }, false, 'tekton'],
    [{ SLIPWAY_HOST: 'local', GITHUB_ACTIONS: 'true' }, true, 'local'],
    [{ SLIPWAY_HOST: '' }, false, 'local'],
  ])('with %j, on Tekton: %s, is %s', (environment, tekton, name) => {
    const surroundings = fakeSurroundings({ environment })
    const tektonFolder = join(surroundings.folder, 'tekton')
    if (tekton) mkdirSync(tektonFolder)
    expect(detectHost({ surroundings, tektonFolder }).name).toBe(name)
  })
  it('that nobody knows is an error', () => {
    const surroundings = fakeSurroundings({ environment: { SLIPWAY_HOST: 'teckton' } })
    expect(() => detectHost({ surroundings })).toThrow(
      'SLIPWAY_HOST is "teckton", expected one of github, tekton, local; did you mean tekton?',
    )
  })
})

describe('locally', () => {
  function setUp(given: Parameters<typeof fakeSurroundings>[0] = {}, flags = new Map<string, string | string[]>()) {
    const around = fakeSurroundings(given)
    return { ...around, host: detectHost({ surroundings: around, given: flags, tektonFolder: join(around.folder, 'none') }) }
  }

  it('flags go before variables', () => {
    const flags = new Map<string, string | string[]>([['tags', ['a', 'b']]])
    const { host } = setUp({ environment: { INPUT_TAGS: 'c', INPUT_IMAGE: 'i', INPUT_IMAG: 'typo' } }, flags)
    expect(Object.fromEntries(host.inputs(task))).toEqual({ tags: ['a', 'b'], image: 'i', imag: 'typo' })
  })
  test.each([
    [{}, false, 'warning: x\n'],
    [{}, true, '\u001b[33mwarning: x\u001b[39m\n'],
    [{ NO_COLOR: '1' }, true, 'warning: x\n'],
    [{ NO_COLOR: '' }, true, '\u001b[33mwarning: x\u001b[39m\n'],
  ])('with %j, on a terminal: %s, a warning is %j', (environment, terminal, shown) => {
    const { host, stdout, stderr } = setUp({ environment, terminal })
    host.log.warn('x')
    expect([stdout(), stderr()]).toEqual(['', shown])
  })
  it('annotations are lines that an editor finds, fifty of them', () => {
    const { host, stderr } = setUp()
    for (let line = 1; line <= 60; line += 1) host.annotate({ level: 'warning', message: 'm', file: 'a.ts', line })
    host.finish(task, { outputs: new Map(), summary: [], failed: false })
    const lines = stderr().split('\n')
    expect([lines[0], lines.length, lines.at(-2)]).toEqual(['a.ts:1: warning: m', 52, '… 10 more'])
  })
  it('the summary is a file, and a clean-up never comes', () => {
    const { host, folder } = setUp()
    host.remember('a', 'b')
    host.finish(task, { outputs: new Map(), headline: 'done', summary: [], failed: true })
    expect(readFileSync(join(folder, '.slipway', 'summary-push.md'), 'utf8')).toBe('### ✗ push\n\ndone\n\n')
    expect(host.remembered()).toBeUndefined()
  })
  it('a group has a heading, an identity must be given', async () => {
    const { host, stdout } = setUp()
    expect(await host.group('build', async () => 7)).toBe(7)
    expect(stdout()).toBe('build\n')
    const identity = host.identity({ request: () => Promise.reject(new Error('not asked')) })
    await expect(identity.token('sigstore')).rejects.toMatchObject({ hint: 'set SIGSTORE_ID_TOKEN to an OIDC token for audience sigstore' })
  })
})
