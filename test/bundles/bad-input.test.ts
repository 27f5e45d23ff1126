import { chmodSync, chownSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import type { AuthOptions } from '../../src/domain/registry/auth/dialect.ts'
import { type FakeRegistry, type Fault, startFakeRegistry } from '../fakes/registry.ts'
import { faults } from '../fakes/registry-faults.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { imageIn, workspaceWith } from './workspaces.ts'

/** Something that is wrong about a road of test, build and push which is good otherwise. */
interface Wrong {
  readonly files?: Readonly<Record<string, string>>
  /** Inputs of the road's tasks, in place of the good ones. */
  readonly test?: object
  readonly build?: object
  readonly push?: object
  readonly environment?: Readonly<Record<string, string>>
  readonly auth?: AuthOptions
  /** What the registry does to pushes. */
  readonly fault?: Fault
  readonly user?: number | undefined
  /** Done before the run. */
  readonly before?: (cwd: string, registry: FakeRegistry) => Promise<void> | void
  readonly code: string
  readonly exit: number
  /** What is told, each somewhere. */
  readonly says: readonly string[]
}

/** Whom the modes of files bind; root may read everything. */
const nobody = process.getuid?.() === 0 ? 65534 : undefined

const good = {
  test: { command: ['node', '-e', '0'], 'fail-on-no-tests': false },
  build: { context: 'app', base: 'scratch', plan: 'folder', entrypoint: '/app/run' },
}

interface Ended {
  readonly code: string
  readonly message: string
  readonly exit: number | null
  readonly asked: readonly string[]
  readonly tag: number
}

/** The one failure that the events tell of, how the process ended, what reached the registry, and its answer for the tag. */
async function runWrong(wrong: Wrong): Promise<Ended> {
  await using registry = await startFakeRegistry(wrong.auth === undefined ? {} : { auth: wrong.auth })
  const here = (text: string): string => text.replaceAll('REGISTRY', registry.address)
  const push = { image: `${registry.address}/team/app`, tags: ['1.0.0'], ...wrong.push }
  const road = { tasks: [{ test: { ...good.test, ...wrong.test } }, { build: { ...good.build, ...wrong.build } }, { push }] }
  const everywhere = (texts: Readonly<Record<string, string>> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, here(text)]))
  const cwd = workspaceWith(everywhere({ 'slipway.yaml': JSON.stringify(road), 'app/run': '#!/bin/true\n', ...wrong.files }))
  await wrong.before?.(cwd, registry)
  const environment = everywhere(wrong.environment)
  if (wrong.fault !== undefined) registry.fail(wrong.fault)
  registry.asked.length = 0
  if (wrong.user !== undefined) giveTo(wrong.user, cwd)
  const { code, stdout, stderr } = await slipway(['run', '--json'], { cwd, environment, user: wrong.user })
  const events = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const failures = events.flatMap(({ failure }) => failure ?? [])
  expect([failures.length, stderr, stdout.includes('wrong password')]).toEqual([1, '', false])
  const { status: tag } = await fetch(`${registry.inner}/v2/team/app/manifests/1.0.0`)
  return { ...failures[0], exit: code, asked: registry.asked.map(({ method, path }) => `${method} ${path}`), tag }
}

const account = { mode: 'basic', username: 'robot$app', password: 'correct horse' } as const
const auths = (password: string): string =>
  JSON.stringify({ auths: { REGISTRY: { auth: Buffer.from(`robot$app:${password}`).toString('base64') } } })
const report = (text: string): Pick<Wrong, 'files' | 'test'> => ({
  files: { 'make.cjs': `require('fs').writeFileSync('junit.xml', ${JSON.stringify(text)})` },
  test: { command: ['node', 'make.cjs'], reports: ['junit.xml'], 'fail-on-no-tests': true },
})

const wrongs: Readonly<Record<string, Wrong>> = {
  'an unknown input': { push: { imge: 'x' }, code: 'SW-PIPELINE-FILE', exit: 2, says: ['did you mean `image`?'] },
  'everything wrong at once': {
    test: { retries: 'often' },
    build: { plam: 'node', platforms: [1] },
    push: { image: 'Harbor.example.com/Shop/app', username: 'robot' },
    code: 'SW-PIPELINE-FILE',
    exit: 2,
    says: ['test.retries', 'build.plam', 'did you mean `plan`?', 'push.image', 'harbor.example.com/shop/app', 'username'],
  },
  'an empty registry': { push: { image: '/team/app' }, code: 'SW-PIPELINE-FILE', exit: 2, says: ['names no registry'] },
  'an empty image': { push: { image: '' }, code: 'SW-PIPELINE-FILE', exit: 2, says: ['push.image', 'required'] },
  'no registry in a name': {
    push: { image: 'team/app' },
    code: 'SW-PIPELINE-FILE',
    exit: 2,
    says: ['names no registry, and none is assumed'],
  },
  'a malformed reference': {
    push: { image: 'https://REGISTRY/team//app' },
    code: 'SW-PIPELINE-FILE',
    exit: 2,
    says: ['begins with "https://"'],
  },
  'a malformed base': {
    build: { base: 'REGISTRY/team/app@sha256:123' },
    code: 'SW-BUILD-SETTING',
    exit: 2,
    says: ['neither sha256: with 64 nor sha512: with 128'],
  },
  'a missing base': { build: { base: 'REGISTRY/base/none:1' }, code: 'SW-BUILD-BASE-MISSING', exit: 2, says: ['/base/none'] },
  'a missing base layout': { build: { base: 'oci:nowhere' }, code: 'SW-BUILD-BASE-MISSING', exit: 2, says: ['nowhere'] },
  'a base whose manifest has a flipped bit': {
    before: (cwd, registry) => flippedBase(cwd, registry, () => 'manifests/1$'),
    ...{ build: { base: 'REGISTRY/base/image:1' }, code: 'SW-DIGEST-MISMATCH', exit: 4, says: ['Manifest 1 from', 'expected sha256:'] },
  },
  'a base whose layer has a flipped bit': {
    before: (cwd, registry) => flippedBase(cwd, registry, ([layer = '']) => layer.slice('sha256:'.length)),
    ...{ build: { base: 'REGISTRY/base/image:1' }, code: 'SW-DIGEST-MISMATCH', exit: 4, says: ['Blob sha256:', 'expected sha256:'] },
  },
  'no login': { auth: account, code: 'SW-REGISTRY-UNAUTHENTICATED', exit: 4, says: ['no credential for'] },
  'a wrong password of the inputs': {
    auth: account,
    push: { username: 'robot$app', password: { env: 'TOKEN' } },
    environment: { TOKEN: 'wrong password' },
    code: 'SW-REGISTRY-DENIED',
    exit: 4,
    says: ['the inputs username and password', 'status 401'],
  },
  'a wrong password of DOCKER_AUTH_CONFIG': {
    auth: account,
    environment: { DOCKER_AUTH_CONFIG: auths('wrong password') },
    code: 'SW-REGISTRY-DENIED',
    exit: 4,
    says: ['from DOCKER_AUTH_CONFIG', 'status 401'],
  },
  'a wrong password of docker’s configuration': {
    auth: account,
    files: { 'docker/config.json': auths('wrong password') },
    environment: { DOCKER_CONFIG: 'docker' },
    code: 'SW-REGISTRY-DENIED',
    exit: 4,
    says: ['docker/config.json', 'status 401'],
  },
  'a file that may not be read': {
    before: (cwd) => chmodSync(join(cwd, 'app/run'), 0),
    user: nobody,
    code: 'SW-FILE-UNREADABLE',
    exit: 4,
    says: ['app/run', 'may not read it'],
  },
  'a link out of the context': {
    before: (cwd) => symlinkSync('../../../etc/passwd', join(cwd, 'app/passwd')),
    code: 'SW-BUILD-SYMLINK-OUTSIDE',
    exit: 2,
    says: ['passwd'],
  },
  'an absolute link out of the context': {
    before: (cwd) => symlinkSync('/etc', join(cwd, 'app/etc')),
    code: 'SW-BUILD-SYMLINK-OUTSIDE',
    exit: 2,
    says: ['/etc'],
  },
  'a path longer than 255 bytes': {
    files: { [`app/${'nested/'.repeat(40)}file`]: '' },
    code: 'SW-BUILD-PATH-TOO-LONG',
    exit: 2,
    says: ['nested/'],
  },
  'a test command that does not exist': {
    test: { command: ['no-such-program', 'x'] },
    code: 'SW-PROCESS-NOT-FOUND',
    exit: 4,
    says: ['no-such-program'],
  },
  'a test command that may not be executed': {
    files: { 'check.sh': '#!/bin/sh\n' },
    test: { command: ['./check.sh', 'x'] },
    code: 'SW-PROCESS-NOT-STARTED',
    exit: 4,
    says: ['check.sh'],
  },
  'no tests found': { test: { 'fail-on-no-tests': true }, code: 'SW-TEST-NONE', exit: 2, says: ['No test report was found'] },
  'a report without tests': { ...report('<testsuite/>'), code: 'SW-TEST-NONE', exit: 2, says: ['list no test'] },
  'a broken report': { ...report('<testsuite><testcase name="a"/><testc'), code: 'SW-TEST-REPORT-BROKEN', exit: 4, says: ['junit.xml'] },
  'a report that is an entity bomb': {
    ...report('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'),
    code: 'SW-TEST-REPORT-BROKEN',
    exit: 4,
    says: ['junit.xml'],
  },
  'a failing test': {
    ...report('<testsuite><testcase name="a"><failure message="no"/></testcase></testsuite>'),
    code: 'SW-TEST-FAILED',
    exit: 3,
    says: ['1 of 1'],
  },
}

function giveTo(user: number, folder: string): void {
  for (const path of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) chownSync(join(folder, path), user, user)
}

/** A base at the registry, which from then on gives a bit of it otherwise than it was pushed. */
async function flippedBase(cwd: string, registry: FakeRegistry, where: (layers: readonly string[]) => string): Promise<void> {
  const layout = '--layout=base'
  await slipway(['build', '--context=app', '--base=scratch', '--entrypoint=/app/run', layout], { cwd })
  await slipway(['push', '--image', `${registry.address}/base/image`, '--tags', '1', layout], { cwd })
  registry.fail(faults.flipByte(new RegExp(`^GET .*${where(imageIn(join(cwd, 'base')).layers)}`)))
}

describe('a road that ends with its code, and writes nothing at the registry, with', () => {
  test.each(Object.entries(wrongs))('%s', async (_, wrong) => {
    const { code, message, exit, asked } = await runWrong(wrong)
    expect([code, exit, message]).toEqual([wrong.code, wrong.exit, expect.anything()])
    for (const text of wrong.says) expect(message).toContain(text)
    expect(asked.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([])
  })
})

const spoiled: Readonly<Record<string, Wrong>> = {
  'that gives the manifest back with a flipped bit': {
    ...{ fault: faults.flipByte(/^GET .*\/manifests\/sha256/), code: 'SW-DIGEST-MISMATCH', exit: 4, says: ['expected sha256:'] },
  },
  'that takes no more': { fault: faults.status(/^PUT .*\/blobs\//, 413), code: 'SW-REGISTRY-REFUSED', exit: 4, says: ['413'] },
  'that allows no push': {
    fault: faults.status(/^POST/, 403, { code: 'DENIED' }),
    code: 'SW-REGISTRY-UNAUTHENTICATED',
    exit: 4,
    says: ['403'],
  },
  'that keeps the tag': {
    fault: faults.status(/^PUT .*1\.0\.0$/, 409, { code: 'TAG_IMMUTABLE' }),
    code: 'SW-TAG-IMMUTABLE',
    exit: 5,
    says: ['1.0.0'],
  },
}

describe('a road that ends late, and yet moves no tag, at a registry', () => {
  test.each(Object.entries(spoiled))('%s', async (_, wrong) => {
    const { code, message, exit, tag } = await runWrong(wrong)
    expect([code, exit, tag, message]).toEqual([wrong.code, wrong.exit, 404, expect.anything()])
    for (const text of wrong.says) expect(message).toContain(text)
  })
})

describe('inputs that cannot be used are told all at once, nothing is asked of the registry, and every output is there', () => {
  const wrong = { image: '/team/app', digest: 'sha256:12', 'tags-last': 'maybe' }
  const says = [
    'names no registry',
    '64 hexadecimal digits',
    'neither true nor false',
    'did you mean `tags`?',
    '`password` needs `username`',
  ]

  it('on GitHub, with an annotation', async () => {
    const { exitCode, annotations, outputs, log } = await onGithub('push', {
      inputs: { ...wrong, tag: '1.0.0', password: 'correct horse' },
    })
    expect([exitCode, annotations.length, annotations[0]?.properties.get('title')]).toEqual([2, 1, 'SW-INPUT-INVALID'])
    for (const text of says) expect(annotations[0]?.message).toContain(text)
    expect([Object.fromEntries(outputs), log.includes('correct horse')]).toEqual([{ image: '', images: '', digest: '' }, false])
  })

  it('on Tekton, in the log', async () => {
    const { exitCode, log, results } = await onTekton('push', {
      params: wrong,
      environment: { INPUT_TAG: '1.0.0' },
      workspaces: { source: workspaceWith({}) },
      secrets: { 'slipway-push': { password: 'correct horse' } },
    })
    expect([exitCode, log.includes('SW-INPUT-INVALID')]).toEqual([2, true])
    for (const text of says) expect(log.replace(/\s+/g, ' ')).toContain(text)
    expect(Object.fromEntries(results ?? [])).toEqual({ image: '', digest: '', IMAGE_URL: '', IMAGE_DIGEST: '', IMAGES: '' })
    expect(log).not.toContain('correct horse')
  })
})
