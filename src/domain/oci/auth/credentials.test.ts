import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { Redactor } from '../../../base/redact.ts'
import { createProcesses } from '../../../io/process.ts'
import { findCredential } from './credentials.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'slipway-home-'))
})
afterEach(() => rm(home, { recursive: true }))

const auth = (pair: string): { auth: string } => ({ auth: Buffer.from(pair).toString('base64') })

async function file(path: string, content: unknown): Promise<string> {
  await mkdir(dirname(join(home, path)), { recursive: true })
  await writeFile(join(home, path), typeof content === 'string' ? content : JSON.stringify(content))
  return join(home, path)
}

/** A credential helper that is a real program. */
async function helper(name: string, script: string): Promise<void> {
  await chmod(await file(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`), 0o755)
}

async function find(registry: string, repository: string, environment: Record<string, string> = {}, redactor = new Redactor()) {
  const { ports, recorded } = fakePorts()
  const process = createProcesses({
    environment: { PATH: `${join(home, 'bin')}:/usr/bin:/bin` },
    workspace: home,
    signal: ports.signal,
    log: ports.log,
    redactor,
  })
  const found = await findCredential(registry, repository, { process, log: ports.log, environment: { HOME: home, ...environment } })
  return { found, lines: recorded.lines }
}

const config = (host: string, pair: string): unknown => ({ auths: { [host]: auth(pair) } })

describe('where a credential comes from', () => {
  it('is nowhere, when nothing is there', async () => {
    expect((await find('r.example', 'app')).found).toBeUndefined()
  })

  it('is DOCKER_AUTH_CONFIG before DOCKER_CONFIG or HOME, before REGISTRY_AUTH_FILE, before XDG_RUNTIME_DIR', async () => {
    const containers = await file('run/containers/auth.json', config('r.example', 'u:runtime'))
    const auths = await file('auth.json', config('r.example', 'u:file'))
    const docker = await file('.docker/config.json', config('r.example', 'u:home'))
    const other = await file('docker/config.json', config('r.example', 'u:docker'))
    const all = { XDG_RUNTIME_DIR: join(home, 'run'), REGISTRY_AUTH_FILE: auths }
    const password = (value: string, source: string): object => ({ kind: 'password', username: 'u', password: value, source })

    const inline = JSON.stringify(config('r.example', 'u:inline'))
    expect((await find('r.example', 'app', { ...all, DOCKER_AUTH_CONFIG: inline })).found).toEqual(password('inline', 'DOCKER_AUTH_CONFIG'))
    expect((await find('r.example', 'app', { ...all, DOCKER_CONFIG: dirname(other) })).found).toEqual(password('docker', other))
    expect((await find('r.example', 'app', all)).found).toEqual(password('home', docker))
    await rm(docker)
    expect((await find('r.example', 'app', all)).found).toEqual(password('file', auths))
    expect((await find('r.example', 'app', { XDG_RUNTIME_DIR: join(home, 'run'), DOCKER_AUTH_CONFIG: ' ' })).found).toEqual(
      password('runtime', containers),
    )
  })

  it('is the next place, when one knows nothing of the registry', async () => {
    const auths = await file('auth.json', config('r.example', 'u:file'))
    await file('.docker/config.json', config('other.example', 'u:home'))
    expect((await find('r.example', 'app', { REGISTRY_AUTH_FILE: auths })).found).toMatchObject({ password: 'file' })
  })
})

describe('a registry is only itself', () => {
  it.each([
    ['r.example', true],
    ['https://r.example', true],
    ['https://r.example/v1/', true],
    ['https://r.example/v2/', true],
    ['http://r.example/', true],
    ['r.example.evil.com', false],
    ['evil-r.example', false],
    ['sub.r.example', false],
    ['example', false],
    ['r.example:443', false],
    ['R.example', false],
    ['https://r.example/other', false],
    ['https://r.example@evil.com', false],
  ])('the key %s is for r.example: %s', async (key, is) => {
    await file('.docker/config.json', config(key, 'u:secret'))
    expect((await find('r.example', 'app')).found !== undefined).toBe(is)
  })

  it.each(['docker.io', 'index.docker.io', 'https://index.docker.io/v1/'])('the key %s is for Docker Hub', async (key) => {
    await file('.docker/config.json', config(key, 'u:secret'))
    expect((await find('docker.io', 'library/debian')).found).toMatchObject({ password: 'secret' })
    expect((await find('evil.example', 'library/debian')).found).toBeUndefined()
  })

  it('and a key with a path is for what is below it, the longest first', async () => {
    await file('.docker/config.json', {
      auths: { 'r.example': auth('u:host'), 'r.example/team': auth('u:team'), 'r.example/team/app': auth('u:app') },
    })
    for (const [repository, password] of [
      ['team/app', 'app'],
      ['team/app/deep', 'app'],
      ['team/other', 'team'],
      ['team2/app', 'host'],
    ] as const) {
      expect((await find('r.example', repository)).found).toMatchObject({ password })
    }
  })
})

describe('an entry', () => {
  it.each<[string, object, object | undefined]>([
    ['has a password with colons', auth('u:a:b:c'), { kind: 'password', username: 'u', password: 'a:b:c' }],
    ['is padded with NUL', auth('u:p\0\0'), { password: 'p' }],
    ['has user and password apart', { username: 'u', password: 'p' }, { kind: 'password', username: 'u', password: 'p' }],
    [
      'has an identity token',
      { ...auth('00000000-0000-0000-0000-000000000000:'), identitytoken: 'refresh' },
      { kind: 'refresh', token: 'refresh' },
    ],
    ['has the user <token>', auth('<token>:refresh'), { kind: 'refresh', token: 'refresh' }],
    ['has a registry token', { registrytoken: 'bearer' }, { kind: 'bearer', token: 'bearer' }],
    ['is empty, as credential stores leave it', {}, undefined],
  ])('%s', async (_, entry, credential) => {
    await file('.docker/config.json', { auths: { 'r.example': entry } })
    const { found } = await find('r.example', 'app')
    if (credential === undefined) expect(found).toBeUndefined()
    else expect(found).toMatchObject(credential)
  })

  it.each([
    ['no JSON', '{"auths": {"r.example": {"auth": "c2VjcmV0'],
    ['no configuration', '{"auths": "c2VjcmV0"}'],
    ['no base64 of a pair', '{"auths": {"r.example": {"auth": "c2VjcmV0"}}}'],
    ['no entry', '{"auths": {"r.example": "c2VjcmV0"}}'],
  ])('that is %s is an error that names the place and tells no secret', async (_, text) => {
    const path = await file('.docker/config.json', text)
    const error = await find('r.example', 'app').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-CREDENTIAL-FILE', message: expect.stringContaining(path) })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/c2Vjcm|secret/)
  })

  it('of another registry may be broken', async () => {
    await file('.docker/config.json', { auths: { 'other.example': { auth: 'broken' }, 'r.example': auth('u:p') } })
    expect((await find('r.example', 'app')).found).toMatchObject({ password: 'p' })
  })
})

describe('a credential helper', () => {
  it('is asked for its registry, by its standard input', async () => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'fake' }, auths: { 'r.example': auth('u:entry') } })
    await helper('fake', 'read server; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"for $server\\"}"')
    expect((await find('r.example', 'app')).found).toEqual({
      kind: 'password',
      username: 'get',
      password: 'for r.example',
      source: `docker-credential-fake (from ${join(home, '.docker/config.json')})`,
    })
    expect((await find('other.example', 'app')).found).toBeUndefined()
  })

  it('for all registries is asked last, for Docker Hub by its old name', async () => {
    await file('.docker/config.json', { credsStore: 'fake', auths: { 'r.example': auth('u:entry') } })
    await helper('fake', 'read server; echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$server\\"}"')
    expect((await find('r.example', 'app')).found).toMatchObject({ password: 'entry' })
    expect((await find('docker.io', 'acme/app')).found).toMatchObject({ kind: 'refresh', token: 'https://index.docker.io/v1/' })
  })

  it('answers again with a secret that is hidden already', async () => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'fake' } })
    await helper('fake', 'echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"hunter2\\"}"')
    const redactor = new Redactor()
    redactor.add('hunter2')
    expect((await find('r.example', 'a', {}, redactor)).found).toMatchObject({ password: 'hunter2' })
    expect((await find('r.example', 'b', {}, redactor)).found).toMatchObject({ password: 'hunter2' })
  })

  it('that fails after its answer does not have it shown', async () => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'fake' } })
    await helper('fake', 'echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"hunter2\\"}"; exit 3')
    const error: unknown = await find('r.example', 'a').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'SW-CREDENTIAL-HELPER', message: expect.stringMatching(/status 3 for r\.example: no message/) })
  })

  it('that knows nothing is no error', async () => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'fake' }, auths: { 'r.example': auth('u:entry') } })
    await helper('fake', 'echo "credentials not found in native keychain"; exit 1')
    expect((await find('r.example', 'app')).found).toBeUndefined()
  })

  it.each([
    ['crashes', 'echo "no session" >&2; exit 7', /failed with exit status 7 for r\.example: no session/],
    ['says on stdout why', 'echo "no session"; exit 1', /failed with exit status 1 for r\.example: no session/],
    ['is killed', 'kill -9 $$', /ended by SIGKILL/],
    ['prints no JSON', 'echo hello', /did not answer with a user and a secret/],
    ['prints no secret', 'echo "{\\"Username\\":\\"u\\",\\"Secret\\":\\"\\"}"', /did not answer with a user and a secret/],
  ])('that %s is an error that names it', async (_, script, message) => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'fake' } })
    await helper('fake', script)
    await expect(find('r.example', 'app')).rejects.toMatchObject({ code: 'SW-CREDENTIAL-HELPER', message: expect.stringMatching(message) })
  })

  it('that is not installed is an error when it is for this registry, and a warning when it is for all', async () => {
    await file('.docker/config.json', { credHelpers: { 'r.example': 'gone' }, credsStore: 'gone' })
    await expect(find('r.example', 'app')).rejects.toMatchObject({ code: 'SW-CREDENTIAL-HELPER' })
    const { found, lines } = await find('other.example', 'app')
    expect(found).toBeUndefined()
    expect(lines.join()).toContain('warn a credential store is configured but not installed')
  })

  it.each(['../evil', 'a/b', '', '-x', 'a b'])('named %j is never run', async (name) => {
    await file('.docker/config.json', { credHelpers: { 'r.example': name } })
    await expect(find('r.example', 'app')).rejects.toMatchObject({
      code: 'SW-CREDENTIAL-HELPER',
      message: expect.stringContaining('no program name'),
    })
  })
})
