import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { fill, temporaryFolder } from '../../io/fixtures/folder.ts'
import { type AuthFiles, writeAuthFile, writeDockerConfig } from './auth-file.ts'
import type { EngineLogin } from './logins.ts'

const folder = temporaryFolder()
const basic = (user: string, password: string) => ({ auth: Buffer.from(`${user}:${password}`).toString('base64') })
const logins: readonly EngineLogin[] = [
  { registry: 'ecr.example.com', credential: { kind: 'password', username: 'AWS', password: 'p', source: 'a test' } },
  { registry: 'acr.example.com', credential: { kind: 'refresh', token: 't', source: 'a test' } },
]
const entries = {
  'ecr.example.com': basic('AWS', 'p'),
  'acr.example.com': { ...basic('00000000-0000-0000-0000-000000000000', ''), identitytoken: 't' },
}
const read = async (path: string): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'))
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

test.each<[string, (ports: Parameters<typeof writeAuthFile>[1]) => Promise<AuthFiles>]>([
  ['buildah', (ports) => writeAuthFile(logins, ports)],
  ['docker', (ports) => writeDockerConfig(logins, ports)],
])('a login for %s lies in a private file of a private folder, until it is not needed', async (_, write) => {
  const { path, dispose } = await write(fakePorts().ports)
  const file = path.endsWith('.json') ? path : join(path, 'config.json')
  expect([modeOf(file), modeOf(dirname(file))]).toEqual(['600', '700'])
  expect(await read(file)).toMatchObject({ auths: entries })
  await dispose()
  expect(() => statSync(dirname(file))).toThrow('ENOENT')
})

describe('for buildah', () => {
  it('is beside what buildah would have found: the variable first, then files', async () => {
    fill(folder, {
      'docker/config.json': JSON.stringify({
        auths: { a: basic('a', 'docker'), b: basic('b', 'docker') },
        credHelpers: { 'ecr.example.com': 'ecr-login', c: 'pass' },
      }),
    })
    const environment = {
      DOCKER_CONFIG: join(folder, 'docker'),
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { a: basic('a', 'variable') } }),
    }
    const { path } = await writeAuthFile(logins, fakePorts({ environment }).ports)
    expect(await read(path)).toEqual({
      auths: { a: basic('a', 'variable'), b: basic('b', 'docker'), ...entries },
      credHelpers: { c: 'pass' },
    })
  })
})

describe('for Docker', () => {
  const own = join(folder, 'own')
  fill(own, {
    'config.json': JSON.stringify({
      credsStore: 'desktop',
      currentContext: 'remote',
      auths: { a: basic('a', 'own') },
      cliPluginsExtraDirs: ['/opt/plugins'],
    }),
    'contexts/meta/1/meta.json': '{"Name":"remote"}',
    'contexts/tls/1/key.pem': 'key',
  })

  it.each([
    ['DOCKER_CONFIG', { DOCKER_CONFIG: own, HOME: '/nowhere' }],
    ['HOME', { HOME: join(folder, 'home') }],
  ])('is what the user has, where %s says, with contexts, plugins and a way past the store for all', async (_, environment) => {
    const from = environment.HOME === '/nowhere' ? own : join(folder, 'home', '.docker')
    if (from !== own)
      for (const name of ['config.json', 'contexts/meta/1/meta.json', 'contexts/tls/1/key.pem'])
        fill(from, { [name]: await readFile(join(own, name)) })
    const { path } = await writeDockerConfig(logins, fakePorts({ environment }).ports)
    expect(await read(join(path, 'config.json'))).toEqual({
      credsStore: 'desktop',
      currentContext: 'remote',
      auths: { a: basic('a', 'own'), ...entries },
      credHelpers: { 'ecr.example.com': '', 'acr.example.com': '' },
      cliPluginsExtraDirs: ['/opt/plugins', join(from, 'cli-plugins')],
    })
    expect(await readFile(join(path, 'contexts/tls/1/key.pem'), 'utf8')).toBe('key')
    expect(modeOf(join(path, 'contexts/tls/1/key.pem'))).toBe('600')
  })
})
