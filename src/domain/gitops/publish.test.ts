import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { Redactor } from '../../base/redact.ts'
import { createProcesses } from '../../io/process.ts'
import type { ProcessRequest } from '../../spec/ports.ts'
import { parseAddress } from '../git/address.ts'
import { sourceUnreachable } from '../git/errors.ts'
import { createRepository, type Repository, runGit } from '../git/fixtures/repository.ts'
import type { Publication, Published } from './publication.ts'
import { publish } from './publish.ts'
import { parseTarget } from './target.ts'

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as const
const image = { name: 'r.example/team/app', tag: '1.4.0', digest: digest('a') }
const reference = `r.example/team/app:1.4.0@${digest('a')}`
const values = 'image:\r\n  repository: r.example/team/app # ours\r\n  tag: "1.3.0"\r\n'
const deployment = 'kind: Deployment\nmetadata: { name: web }\nspec: { template: { spec: { containers: [{ name: app, image: a:1 }] } } }\n'
const files = {
  'apps/values.yaml': values,
  'apps/web.yaml': deployment,
  'README.md': 'hello\n',
}

let repository: Repository
let scratch: string

beforeEach(() => {
  repository = createRepository({ files })
  // What a checkout would change; after the files, or git would have changed them on the way in.
  repository.commit({ '.gitattributes': '* text=auto eol=lf filter=lfs\n' })
  repository.git('config', 'core.bare', 'true')
  scratch = mkdtempSync(join(tmpdir(), 'slipway-gitops-'))
})
afterEach(() => {
  repository[Symbol.dispose]()
  rmSync(scratch, { recursive: true, force: true })
})

interface Given extends Partial<Omit<Publication, 'targets'>> {
  readonly targets?: readonly string[]
  /** Before git is started. */
  readonly before?: (request: ProcessRequest) => void
}

let count = 0
async function write({ targets = ['helm apps/values.yaml image'], before, ...given }: Given = {}): Promise<Published> {
  count += 1
  const folder = join(scratch, String(count))
  const { ports } = fakePorts({
    clock: { now: Date.now, sleep: (milliseconds) => new Promise((end) => setTimeout(end, milliseconds / 10)) },
  })
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: scratch, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  const watched = {
    ...processes,
    run: (request: ProcessRequest) => {
      before?.(request)
      return processes.run(request)
    },
  }
  return publish(
    {
      ...{
        git: { folder, address: parseAddress(repository.url), ssh: {} },
        branch: undefined,
        image,
        title: 'Deploy app 1.4.0',
        timeout: 60_000,
      },
      ...{ targets: targets.map(parseTarget), author: { name: 'Slipway', email: 'ci@example.com' } },
      ...given,
    },
    { ...ports, process: watched },
  )
}

const shown = (path: string): string => runGit(repository.folder, ['cat-file', 'blob', `main:${path}`])
const commits = (): number => Number(repository.git('rev-list', '--count', 'main'))

describe('an image in files of a branch', () => {
  test('is one commit: the letters of the places, and what it is about', async () => {
    const published = await write({
      ...{ targets: ['helm apps/values.yaml image', 'manifest apps/web.yaml Deployment/web/app'], order: 7 },
      ...{ source: 'https://example.com/app@c0ffee', run: 'https://example.com/run/1' },
    })
    expect(published).toMatchObject({ branch: 'main', isChanged: true, attempts: 1, commit: repository.git('rev-parse', 'main') })
    expect(published.changes.map(({ before }) => before)).toEqual(['r.example/team/app 1.3.0', 'a:1'])
    expect(shown('apps/values.yaml')).toBe(values.replace('1.3.0', `1.4.0@${digest('a')}`).trim())
    expect(shown('apps/web.yaml')).toBe(deployment.replace('a:1', reference).trim())
    expect(repository.git('log', '-1', '--format=%an <%ae>|%cn|%B')).toBe(
      [
        'Slipway <ci@example.com>|Slipway|Deploy app 1.4.0',
        '',
        `Slipway-Image: ${reference}`,
        'Slipway-Target: helm apps/values.yaml image',
        'Slipway-Target: manifest apps/web.yaml Deployment/web/app',
        'Slipway-Order: 7',
        'Slipway-Source: https://example.com/app@c0ffee',
        'Slipway-Run: https://example.com/run/1',
      ].join('\n'),
    )
    expect(repository.git('diff', '--stat', '--numstat', 'main~1', 'main').split('\n').slice(0, 2)).toEqual([
      '1\t1\tapps/values.yaml',
      '1\t1\tapps/web.yaml',
    ])
  })

  test('is written once: the second time nothing is, and the commit that has it is named', async () => {
    const first = await write()
    expect(await write()).toMatchObject({ isChanged: false, commit: first.commit })
    expect(commits()).toBe(3)
  })

  test('keeps the mode of the file, in a repository with SHA-256 too', async () => {
    using other = createRepository({ format: 'sha256', files: {} })
    other.commit({ 'run.sh': 'IMAGE=a:1\n' })
    other.git('update-index', '--chmod=+x', 'run.sh')
    other.git('commit', '--quiet', '--message=x')
    other.git('config', 'core.bare', 'true')
    await write({
      targets: ['marker run.sh IMAGE={image}'],
      git: { folder: join(scratch, 'x'), address: parseAddress(other.url), ssh: {} },
    })
    expect(runGit(other.folder, ['ls-tree', 'main', 'run.sh'])).toMatch(/^100755 /)
    expect(runGit(other.folder, ['cat-file', 'blob', 'main:run.sh'])).toBe(`IMAGE=${reference}`)
  })

  test('another writer that was faster is written upon', async () => {
    let isBefore = true
    const before = ({ argv }: ProcessRequest): void => {
      if (!isBefore || argv[1] !== 'push') return
      isBefore = false
      repository.git('config', 'core.bare', 'false')
      repository.commit({ 'other.txt': 'x\n' })
      repository.git('config', 'core.bare', 'true')
    }
    expect(await write({ before })).toMatchObject({ isChanged: true, attempts: 2 })
    expect(repository.git('log', '--format=%s', 'main').split('\n')).toEqual(['Deploy app 1.4.0', 'change', 'change', 'change'])
  })

  test('a push whose answer is lost is no second commit', async () => {
    let isLost = false
    const before = ({ argv }: ProcessRequest): void => {
      if (argv[1] !== 'push' || isLost) return
      isLost = true
      runGit(repository.folder, ['fetch', '--quiet', join(scratch, String(count)), argv.at(-1) ?? ''])
      throw sourceUnreachable('the connection broke', { retryable: true })
    }
    expect(await write({ before })).toMatchObject({ isChanged: true, attempts: 2, commit: repository.git('rev-parse', 'main') })
    expect(commits()).toBe(3)
  })
})

test('a push whose answer is lost is done, also when another writer came after it', async () => {
  let own = ''
  const before = ({ argv }: ProcessRequest): void => {
    if (argv[1] !== 'push' || own !== '') return
    own = (argv.at(-1) ?? '').split(':')[0] ?? ''
    runGit(repository.folder, ['fetch', '--quiet', join(scratch, String(count)), argv.at(-1) ?? ''])
    repository.git('config', 'core.bare', 'false')
    repository.git('checkout', '--quiet', '--force', 'main')
    repository.commit({ 'apps/values.yaml': values.replace('1.3.0', '1.5.0') })
    repository.git('config', 'core.bare', 'true')
    throw sourceUnreachable('the connection broke', { retryable: true })
  }
  expect(await write({ before })).toMatchObject({ isChanged: true, commit: own })
  expect(shown('apps/values.yaml')).toContain('1.5.0')
})

test('a server that takes no push and cannot be reached is no branch that moves', async () => {
  const before = ({ argv }: ProcessRequest): void => {
    if (argv[1] === 'push') throw sourceUnreachable('the connection broke', { retryable: true })
  }
  await expect(write({ before, timeout: 300 })).rejects.toMatchObject({ code: 'SW-SOURCE-UNREACHABLE' })
})

describe('nothing is written', () => {
  test.each<[string, Given, string, Readonly<Record<string, string>>]>([
    ['while the freeze file is there', { freezeFile: '.freeze' }, 'SW-GITOPS-FROZEN', { '.freeze': 'rolled back\n' }],
    ['over what is not expected', { expectCurrent: '1.2.0' }, 'SW-GITOPS-OUTDATED', {}],
    ['into a file that is not there', { targets: ['helm none.yaml image'] }, 'SW-GITOPS-TARGET', {}],
    ['into a file with bytes that are no text', { targets: ['helm bin.yaml image'] }, 'SW-GITOPS-TARGET', { 'bin.yaml': 'image: [' }],
    ['into a path that only git takes for a file', { targets: ['helm :/apps/values.yaml image'] }, 'SW-GITOPS-TARGET', {}],
    ['into a folder', { targets: ['helm apps image'] }, 'SW-GITOPS-TARGET', {}],
    ['on a branch that is not there', { branch: 'prod' }, 'SW-SOURCE-REF-MISSING', {}],
  ])('%s', async (_, given, code, more) => {
    repository.git('config', 'core.bare', 'false')
    if (Object.keys(more).length > 0) repository.commit(more)
    repository.git('config', 'core.bare', 'true')
    const before = repository.git('rev-parse', 'main')
    await expect(write(given)).rejects.toMatchObject({ code: code === 'SW-GITOPS-TARGET' ? expect.stringMatching(/^SW-GITOPS-/) : code })
    expect(repository.git('rev-parse', 'main')).toBe(before)
  })

  test('by a pipeline that is older than the one that wrote last, of the same places', async () => {
    await write({ order: 8 })
    const older = { ...image, tag: '1.3.9', digest: digest('b') }
    await expect(write({ order: 7, image: older })).rejects.toMatchObject({ code: 'SW-GITOPS-OUTDATED', exit: 5 })
    expect(await write({ order: 7, image: older, targets: ['manifest apps/web.yaml Deployment/web/app'] })).toMatchObject({
      isChanged: true,
    })
    expect(await write({ order: 9, image: older })).toMatchObject({ isChanged: true })
  })

  test('where a hook of the server refuses it', async () => {
    const hook = join(repository.folder, '.git/hooks/update')
    await import('node:fs/promises').then(({ writeFile }) =>
      writeFile(hook, '#!/bin/sh\necho protected branch >&2\nexit 1\n', { mode: 0o755 }),
    )
    await expect(write()).rejects.toMatchObject({ code: 'SW-GITOPS-REFUSED', message: expect.stringContaining('protected branch') })
    expect(commits()).toBe(2)
  })
})

test('six writers at once all land, each once', async () => {
  repository.git('config', 'core.bare', 'false')
  const places = Array.from({ length: 6 }, (_, at) => `app${at}`)
  repository.commit({ 'kustomization.yaml': `images:\n${places.map((name) => `  - name: ${name} # ${name}\n`).join('')}` })
  repository.git('config', 'core.bare', 'true')
  const all = await Promise.all(
    places.map((name, at) => write({ targets: [`kustomize kustomization.yaml ${name}`], image: { ...image, digest: digest(String(at)) } })),
  )
  expect(all.every(({ isChanged }) => isChanged)).toBe(true)
  expect(commits()).toBe(3 + 6)
  expect(places.every((_, at) => shown('kustomization.yaml').includes(digest(String(at))))).toBe(true)
})
