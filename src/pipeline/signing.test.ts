import { describe, expect, it, test } from '@jest/globals'
import { messageOf } from '../base/errors.ts'
import { tasks } from '../tasks/registry.ts'
import { readPipeline } from './file.ts'
import { workspaceWith } from './road.fake.ts'
import type { Override } from './steps.ts'

const environment = { TOKEN: 's3cret' }
const given = (name: string, value: string): Override => {
  const [task = '', input = ''] = name.split('.')
  return { where: `--${name}`, task, input, value }
}

async function steps(file: string | undefined, more: { overrides?: readonly Override[]; sign?: boolean } = {}) {
  const workspace = workspaceWith(file === undefined ? {} : { 'slipway.yaml': file })
  const pipeline = await readPipeline({ workspace, tasks, environment, overrides: [], ...more })
  return pipeline.steps.map(({ task, inputs }): [string, Record<string, unknown>] => [task.definition.name, Object.fromEntries(inputs)])
}
const names = (road: readonly [string, unknown][]): string[] => road.map(([name]) => name)
const inputsOf = (road: readonly [string, Record<string, unknown>][], task: string) => road.find(([name]) => name === task)?.[1]

const push = 'push: { image: r.example/app, tags: [1.4.0, latest] }'
const road = (...items: string[]): string => `tasks:\n${items.map((item) => `  - ${item}\n`).join('')}`

describe('when do tags move', () => {
  test.each<[string, readonly string[], readonly string[], unknown]>([
    ['with the push, where nothing vouches for the image', ['build', push], ['build', 'push'], undefined],
    ['after the signature', ['build', push, 'sign'], ['build', 'push', 'sign', 'tag'], 'true'],
    ['after the verification', ['build', push, 'sign', 'verify'], ['build', 'push', 'sign', 'verify', 'tag'], 'true'],
    [
      'before what goes on with the tag',
      ['build', push, 'sign', 'promote: { from: r.example/app, to: r.example/prod }'],
      ['build', 'push', 'sign', 'tag', 'promote'],
      'true',
    ],
    ['where somebody says so', ['build', push, 'sign', 'tag: { tags: [stable] }'], ['build', 'push', 'sign', 'tag'], 'true'],
    ['never, where nobody asks for any', ['build', 'push: { image: r.example/app }', 'sign'], ['build', 'push', 'sign'], 'true'],
    [
      'with the push, where what vouches comes before it',
      ['verify: { image: r.example/base:1, key: k.pub }', 'push: { image: r.example/app, tags: [a] }'],
      ['verify', 'push'],
      undefined,
    ],
  ])('%s', async (_, items, expected, last) => {
    const found = await steps(road(...items))
    expect(names(found)).toEqual(expected)
    expect(inputsOf(found, 'push')?.['tags-last']).toBe(last)
  })

  it('can be said beside the file', async () => {
    const found = await steps(road('build', 'push: { image: r.example/app }', 'sign'), { overrides: [given('push.tags', 'one')] })
    expect(names(found)).toEqual(['build', 'push', 'sign', 'tag'])
  })
})

describe('a delivery', () => {
  const write = 'gitops-update: { repository: https://git.example/deploy.git, targets: helm values.yaml image }'
  const account = 'username: ci, password: { env: TOKEN }, plain-http: true'
  const asked = [given('gitops-update.repository', 'https://git.example/deploy.git'), given('gitops-update.targets', 'helm v.yaml image')]
  const taken = { 'registry-username': 'ci', 'registry-password': 's3cret', 'plain-http': 'true' }

  test.each<[string, readonly string[], Record<string, unknown>]>([
    ['asks for the tag as who pushed it', [`push: { image: r.example/app, tags: a, ${account} }`, write], taken],
    [
      'writes only what was verified, where something has looked',
      [`push: { image: r.example/app, ${account} }`, 'sign', 'verify', write],
      { ...taken, 'require-verified': 'true' },
    ],
    ['knows no account of several pushes', [`push: { image: r.example/app, ${account} }`, 'push: { image: q.example/app }', write], {}],
  ])('%s', async (_, items, expected) => {
    const { repository, targets, ...rest } = inputsOf(await steps(road('build', ...items)), 'gitops-update') ?? {}
    expect(repository).toBe('https://git.example/deploy.git')
    expect(rest).toEqual(expected)
  })

  it('is followed by who reads the repository as it was written to', async () => {
    const sync = 'argocd-sync: { server: https://argocd.example, apps: [web] }'
    const given = 'repository: https://git.example/deploy.git, targets: helm values.yaml image, password: { env: TOKEN }'
    const found = await steps(road('build', `push: { image: r.example/app }`, `gitops-update: { ${given} }`, sync))
    expect(inputsOf(found, 'argocd-sync')).toMatchObject({ 'git-password': 's3cret' })
    const other = 'argocd-sync: { server: https://argocd.example, apps: [web], repository: https://git.example/other.git }'
    expect(inputsOf(await steps(road('build', `gitops-update: { ${given} }`, other)), 'argocd-sync')).not.toHaveProperty('git-password')
  })

  it('joins the default road where it is said to what, behind the tags', async () => {
    const overrides = [given('push.image', 'r.example/app'), given('push.tags', 'a'), ...asked]
    expect(names(await steps(undefined, { overrides }))).toEqual(['test', 'build', 'sbom', 'push', 'gitops-update'])
    const signed = await steps(undefined, { overrides, sign: true })
    expect(names(signed)).toEqual(['test', 'build', 'sbom', 'push', 'sign', 'attest', 'verify', 'tag', 'gitops-update'])
    expect(inputsOf(signed, 'gitops-update')).toMatchObject({ 'require-verified': 'true' })
  })
})

describe('what follows from the order', () => {
  it('the account of the push goes on to those that come to the same place', async () => {
    const account = 'username: ci, password: { env: TOKEN }, plain-http: true'
    const found = await steps(road('build', `push: { image: r.example/app, tags: a, ${account} }`, 'sign', 'verify'))
    const taken = { username: 'ci', password: 's3cret', 'plain-http': 'true' }
    expect([inputsOf(found, 'sign'), inputsOf(found, 'verify'), inputsOf(found, 'tag')]).toEqual([
      taken,
      { ...taken, 'as-signed': 'true' },
      { ...taken, 'require-verified': 'true' },
    ])
  })

  test.each([
    ['one with an account of its own', 'sign: { username: other, password: { env: TOKEN } }', { username: 'other', password: 's3cret' }],
    ['one that names another image', 'sign: { image: other.example/app }', { image: 'other.example/app' }],
  ])('but not to %s', async (_, sign, expected) => {
    const found = await steps(road('build', 'push: { image: r.example/app, username: ci, password: { env: TOKEN } }', sign))
    expect(inputsOf(found, 'sign')).toEqual(expected)
  })

  it('and not where there are two pushes: one registry never sees the account of another', async () => {
    const two = ['push: { image: a.example/app, username: ci, password: { env: TOKEN } }', 'push: { image: b.example/app }']
    expect(inputsOf(await steps(road('build', ...two, 'sign')), 'sign')).toEqual({})
  })

  it('verify wants what was signed, unless it is told what to want', async () => {
    expect(inputsOf(await steps(road('build', push, 'verify: { key: k.pub }')), 'verify')).toEqual({ key: 'k.pub' })
    expect(inputsOf(await steps(road('build', push, 'sign', 'verify: { as-signed: false }')), 'verify')).toEqual({ 'as-signed': 'false' })
  })

  test.each([
    ['verify before sign', ['build', push, 'verify', 'sign'], 'verify'],
    ['tag before sign', ['build', push, 'tag', 'sign'], 'tag'],
  ])('%s is refused', async (_, items, reader) => {
    const { checkOrder } = await import('./order.ts')
    const workspace = workspaceWith({ 'slipway.yaml': road(...items) })
    const pipeline = await readPipeline({ workspace, tasks, environment, overrides: [] })
    expect(() => checkOrder(pipeline.steps)).toThrow(`${reader} reads \`signatures\`, which sign writes, but sign comes later.`)
  })
})

describe('signing is turned on', () => {
  const image = given('push.image', 'r.example/app')
  const tags = given('push.tags', 'one')
  /** Those that there are in this Slipway, in the order of the road. */
  const known = (...wanted: string[]): string[] => wanted.filter((name) => tasks.some(({ definition }) => definition.name === name))
  const whole = known('test', 'build', 'sbom', 'push', 'sign', 'attest', 'verify', 'tag')

  test.each<[string, readonly Override[], boolean, readonly string[]]>([
    ['by asking for it', [image, tags], true, whole],
    ['by an input of a task that signs', [image, tags, given('sign.key', 'cosign.key')], false, whole],
    ['by nothing else', [image, tags], false, ['test', 'build', 'sbom', 'push']],
  ])('on the default road %s', async (_, overrides, sign, expected) => {
    expect(names(await steps(undefined, { overrides, sign }))).toEqual(expected)
  })

  it('in a file that does not say so, and adds what is missing in one that does', async () => {
    expect(names(await steps(road('build', push), { sign: true }))).toEqual(known('build', 'push', 'sign', 'attest', 'verify', 'tag'))
    const found = await steps(road('build', push, 'sign: { key: cosign.key }'), { sign: true })
    expect(names(found)).toEqual(known('build', 'push', 'sign', 'attest', 'verify', 'tag'))
    expect(names(await steps(road('build', push, 'verify: { key: k.pub }'), { sign: true }))).toEqual(
      known('build', 'push', 'sign', 'attest', 'verify', 'tag'),
    )
  })

  it('not without a push', async () => {
    expect(await steps(undefined, { overrides: [given('sign.key', 'k')] }).catch(messageOf)).toContain('is not in this pipeline')
    expect(await steps(road('build'), { sign: true }).catch(messageOf)).toContain('what is signed is what it has pushed')
  })
})
