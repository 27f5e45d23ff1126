import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it, test } from '@jest/globals'
import { fakeClock } from '../../../test/fakes/clock.ts'
import { type FakeCloud, startFakeCloud } from '../../../test/fakes/cloud.ts'
import { type FakeCodeScanning, fakeCodeScanning } from '../../../test/fakes/code-scanning.ts'
import { TaskError } from '../../base/errors.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import type { Ports } from '../../spec/ports.ts'
import { advisory, npm, type Scanned, scan } from './scene.fake.ts'

const token = 'ghs_tokenOfTheJob0123456789'
const folder = temporaryFolder()
const commit = '4f1c2d9'.padEnd(40, '0')
const onGithub = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'acme/app', GITHUB_EVENT_NAME: 'push', GITHUB_TOKEN: token }

let github: FakeCodeScanning
let enterprise: FakeCodeScanning
let cloud: FakeCloud
let clock: ReturnType<typeof fakeClock>

beforeEach(async () => {
  github = fakeCodeScanning('https://api.github.com', token)
  enterprise = fakeCodeScanning('https://git.example.com/api/v3', token)
  clock = fakeClock()
  cloud = await startFakeCloud([github.service, enterprise.service], { clock })
})
afterEach(async () => {
  await cloud[Symbol.asyncDispose]()
})

interface Given {
  readonly environment?: Readonly<Record<string, string>>
  readonly upload?: string
  readonly fixed?: string
  readonly event?: object
}

/** A scan in a run on main; the image is refused unless `fixed` says otherwise. */
async function run({ environment = onGithub, upload = '', fixed = '4.17.21', event }: Given = {}): Promise<Scanned> {
  const path = join(folder, 'event.json')
  writeFileSync(path, JSON.stringify(event ?? {}))
  const ports: Partial<Ports> = {
    http: cloud.http,
    clock: { ...clock, now: () => Date.parse('2026-11-22T00:00:00Z') + clock.slept.reduce((sum, one) => sum + one, 0) },
    source: { commit, ref: 'refs/heads/main', repository: 'https://github.com/acme/app' },
    environment: { ...environment, GITHUB_EVENT_PATH: path },
  }
  const scene = { layers: [npm(['lodash', '4.17.20'])], advisories: [advisory('CVE-2021-1', 'lodash', fixed)], inputs: { upload } }
  return scan({ ...scene, ports })
}
const verdictOf = ({ outputs }: Scanned): string | undefined => outputs.get('verdict')
const remarks = ({ recorded }: Scanned): string[] => recorded.annotations.map(({ level, message }) => `${level} ${message}`)
const pull = (head: string | undefined): object => ({
  pull_request: { head: { repo: head === undefined ? null : { full_name: head } }, base: { repo: { full_name: 'acme/app' } } },
})

describe('the findings', () => {
  it('go to code scanning at their end, whatever the gate says', async () => {
    const seen = await run()
    expect([verdictOf(seen), remarks(seen)]).toEqual(['fail', []])
    expect(github.uploads).toEqual([
      {
        repository: 'acme/app',
        commit,
        ref: 'refs/heads/main',
        checkout: pathToFileURL(seen.workspace).href,
        sarif: seen.files?.get('sarif'),
      },
    ])
    expect(github.uploads[0]?.sarif).toContain('scan/acme/app/linux/amd64/')
  })

  it('go to the server that the runner names', async () => {
    await run({ environment: { ...onGithub, GITHUB_API_URL: 'https://git.example.com/api/v3' } })
    expect([github.uploads.length, enterprise.uploads.length]).toEqual([0, 1])
  })

  it('are waited for, also where the server does not know of them yet', async () => {
    github.says = [404, { processing_status: 'pending' }, { processing_status: 'complete' }]
    const seen = await run()
    expect([clock.slept, remarks(seen)]).toEqual([[1000, 2000, 4000], []])
    expect(seen.recorded.lines.join('\n')).toContain('info uploaded to code scanning')
  })

  it('are waited for two minutes and no longer', async () => {
    github.says = [{ processing_status: 'pending' }]
    const seen = await run({ fixed: '4.17.20' })
    expect([verdictOf(seen), seen.failure]).toEqual(['pass', undefined])
    expect(clock.slept.reduce((sum, one) => sum + one, 0)).toBeLessThan(140_000)
    expect(seen.recorded.lines.join('\n')).toContain('still at work on it')
  })

  it('have arrived, also where the server cannot be asked what became of them', async () => {
    github.says = [503]
    const seen = await run({ fixed: '4.17.20' })
    expect([verdictOf(seen), remarks(seen), github.uploads.length]).toEqual(['pass', [], 1])
    expect(seen.recorded.lines.join('\n')).toContain('still at work on it')
  })

  it('leave the token nowhere', async () => {
    github.refuses = { status: 403, message: `${token} may not` }
    const seen = await run()
    expect(JSON.stringify([...seen.outputs, ...(seen.files ?? [])])).not.toContain(token)
  })
})

describe('what the server says is told, and the verdict stands', () => {
  test.each<readonly [string, FakeCodeScanning['refuses'], string]>([
    ['no right to write', { status: 403, message: 'Resource not accessible by integration' }, 'permissions: security-events: write'],
    [
      'no code scanning',
      { status: 403, message: 'Code scanning is not enabled for this repository.' },
      'is not enabled for this repository',
    ],
    ['no such repository, or no such server', { status: 404, message: 'Not Found' }, 'turn on code scanning'],
    ['a refused file', { status: 400, message: 'Invalid SARIF' }, '400: Invalid SARIF'],
    ['trouble', { status: 503, message: 'Service unavailable' }, '503'],
  ])('%s', async (_, refuses, told) => {
    github.refuses = refuses
    const seen = await run({ fixed: '4.17.20' })
    expect([verdictOf(seen), seen.failure]).toEqual(['pass', undefined])
    expect(remarks(seen)).toEqual([expect.stringMatching(/^warning .*The verdict stands/s)])
    expect(remarks(seen)[0]).toContain(told)
  })

  it('a file that could not be worked through', async () => {
    github.says = [{ processing_status: 'failed', errors: ['too many\nruns'] }]
    expect(remarks(await run())).toEqual([expect.stringContaining('could not work through the findings: too many')])
  })

  it('an answer that nobody understands', async () => {
    github.says = [{ processing_status: '' }, 404]
    const odd = { ...github, service: () => ({ status: 202, body: { id: '../../other' } }) }
    await using wrong = await startFakeCloud([odd.service], { clock })
    cloud = { ...cloud, http: wrong.http }
    expect(remarks(await run())).toEqual([expect.stringContaining('is not understood')])
  })
})

describe('one notice, and no request, for', () => {
  test.each<readonly [string, Given]>([
    ['a pull request of a fork', { environment: { ...onGithub, GITHUB_EVENT_NAME: 'pull_request' }, event: pull('eve/app') }],
    ['one of a fork that is gone', { environment: { ...onGithub, GITHUB_EVENT_NAME: 'pull_request' }, event: pull(undefined) }],
    ['a run for Dependabot', { environment: { ...onGithub, GITHUB_ACTOR: 'dependabot[bot]' } }],
    [
      'a run that belongs to the base branch',
      { environment: { ...onGithub, GITHUB_EVENT_NAME: 'pull_request_target' }, event: pull('acme/app') },
    ],
  ])('%s', async (_, given) => {
    for (const upload of ['', 'true']) {
      const seen = await run({ ...given, upload })
      expect([verdictOf(seen), remarks(seen)]).toEqual(['fail', [expect.stringMatching(/^notice The findings are not uploaded: /)]])
    }
    expect(cloud.asked).toEqual([])
  })

  it('but a pull request of the repository itself is uploaded', async () => {
    await run({ environment: { ...onGithub, GITHUB_EVENT_NAME: 'pull_request' }, event: pull('acme/app') })
    expect(github.uploads).toHaveLength(1)
  })
})

describe('nothing is uploaded and nothing said', () => {
  const { GITHUB_TOKEN: _, ...tokenless } = onGithub
  test.each<readonly [string, Given]>([
    ['elsewhere', { environment: {} }],
    ['on Tekton, whatever it inherits', { environment: { ...onGithub, SLIPWAY_HOST: 'tekton' } }],
    ['without a token', { environment: tokenless }],
    ['where everybody on the way could read the token', { environment: { ...onGithub, GITHUB_API_URL: 'http://git.example.com/api/v3' } }],
    ['at an address that is none', { environment: { ...onGithub, GITHUB_API_URL: 'https://a:b@git.example.com/?' } }],
    ['where nobody wants it', { upload: 'false' }],
  ])('%s', async (_name, given) => {
    const seen = await run(given)
    expect([verdictOf(seen), remarks(seen), cloud.asked]).toEqual(['fail', [], []])
  })

  test.each<readonly [string, Given]>([
    ['elsewhere', { environment: {} }],
    ['on Tekton', { environment: { ...onGithub, SLIPWAY_HOST: 'tekton' } }],
    ['without a token', { environment: tokenless }],
  ])('but who asks for it is told before the scan that it cannot be: %s', async (_name, given) => {
    const { failure, outputs } = await run({ ...given, upload: 'true' })
    expect(failure instanceof TaskError && [failure.code, failure.exit]).toEqual(['SW-SCAN-UPLOAD', 4])
    expect(outputs.get('verdict')).toBe('')
  })
})
