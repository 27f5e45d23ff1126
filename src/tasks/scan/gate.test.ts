import { describe, expect, it, test } from '@jest/globals'
import { TaskError } from '../../base/errors.ts'
import { advisory, npm, type Scanned, scan } from './scene.fake.ts'

const outputs = ({ outputs: all }: Scanned): Readonly<Record<string, string>> => Object.fromEntries(all)
const codeOf = ({ failure }: Scanned): unknown => (failure instanceof TaskError ? failure.code : failure)
const whyOf = ({ failure }: Scanned): string => (failure instanceof TaskError ? failure.message : '')
const file = (seen: Scanned, name: string): string => seen.files?.get(name) ?? ''

const lodash = advisory('GHSA-lodash', 'lodash', '4.17.21', { aliases: ['CVE-2021-1'] })
const left = advisory('CVE-2026-2', 'left', '2.0.0')
const scene = { layers: [npm(['lodash', '4.17.20'])], advisories: [lodash] }

/** The same scene with a policy in a file. */
const by = (policy: string, inputs: Readonly<Record<string, string>> = {}, files: Readonly<Record<string, string>> = {}) => ({
  ...scene,
  inputs: { policy: 'scan.yaml', ...inputs },
  files: { 'scan.yaml': policy, ...files },
})

describe('what the policy asks for and nobody tells', () => {
  test.each([
    ['kev: fail', 'The policy has `kev: fail`, and the input `kev` is not set.'],
    ['epss: 0.1', 'The policy has `epss`, and the input `epss` is not set.'],
    ['new-only: true', 'The policy has `new-only: true`, and the input `baseline` is not set.'],
  ])('ends the scan: %s', async (policy, why) => {
    const seen = await scan(by(policy))
    expect([codeOf(seen), whyOf(seen), seen.files]).toEqual(['SW-GATE-NO-FEED', why, undefined])
  })

  it('fails by the feeds that are given', async () => {
    const kev = JSON.stringify({
      ...{ title: 'KEV', catalogVersion: '2026.11.21', dateReleased: '2026-11-21T00:00:00Z', count: 1 },
      vulnerabilities: [{ cveID: 'CVE-2021-1', dateAdded: '2026-11-01', dueDate: '2026-12-01', knownRansomwareCampaignUse: 'Unknown' }],
    })
    const seen = await scan(by('fail-on: none\nkev: fail', { kev: 'kev.json' }, { 'kev.json': kev }))
    expect([codeOf(seen), whyOf(seen)]).toEqual(['SW-SCAN-REFUSED', expect.stringContaining('1 known to be exploited (KEV)')])
    expect(JSON.parse(file(seen, 'report')).findings).toEqual([expect.objectContaining({ fails: true, by: ['kev'] })])
  })
})

describe('a baseline', () => {
  const base = async (): Promise<string> => file(await scan(scene), 'report')
  const both = { layers: [npm(['lodash', '4.17.19'], ['left', '1.0.0'])], advisories: [lodash, left] }
  const compared = (report: string, inputs: Readonly<Record<string, string>> = {}) =>
    scan({ ...both, inputs: { baseline: 'base.json', 'new-only': 'true', ...inputs }, files: { 'base.json': report } })

  it('says what is new and what is known, and only what is new fails', async () => {
    const seen = await compared(await base())
    expect([whyOf(seen), outputs(seen)]).toEqual([
      expect.stringContaining('does not pass the gate: 1 critical, not in the baseline.'),
      expect.objectContaining({ new: '1', known: '1' }),
    ])
    expect(JSON.parse(file(seen, 'report'))).toMatchObject({
      baseline: { origin: 'base.json', digest: expect.stringMatching(/^sha256:/) },
      findings: [
        { id: 'CVE-2021-1', fails: false, known: true, spared: 'known' },
        { id: 'CVE-2026-2', fails: true, known: false },
      ],
    })
  })

  it('of the same passes, and is kept in the record with its digest', async () => {
    const seen = await scan({ ...scene, inputs: { baseline: 'base.json', 'new-only': 'true' }, files: { 'base.json': await base() } })
    expect([seen.failure, outputs(seen)]).toEqual([undefined, expect.objectContaining({ verdict: 'pass', new: '0', known: '1' })])
    expect(seen.headline).toContain('1 critical (0 new, 1 known)')
    expect(seen.record.findings?.baseline).toMatchObject({ uri: 'base.json', digest: expect.stringMatching(/^sha256:/) })
  })

  it('only tells, where the policy does not ask for what is new', async () => {
    expect(outputs(await compared(await base(), { 'new-only': 'false' }))).toMatchObject({ verdict: 'fail', critical: '2', known: '1' })
  })

  test.each([
    ['that is not there', undefined, 'SW-GATE-BASELINE-MISSING'],
    ['that is cut', '{"schemaVersion":"1.0","findings":[', 'SW-GATE-REPORT'],
    ['that is another document', '{"schemaVersion":"1.0","verdict":"pass"}', 'SW-GATE-REPORT'],
    ['of a later version', '{"schemaVersion":"2.0"}', 'SW-GATE-REPORT'],
  ])('%s is an error, never one that knows everything', async (_, report, code) => {
    const files: Readonly<Record<string, string>> = report === undefined ? {} : { 'base.json': report }
    expect(codeOf(await scan({ ...scene, inputs: { baseline: 'base.json' }, files }))).toBe(code)
  })

  it('that is not there makes everything new where that is allowed, and only then', async () => {
    const inputs = { baseline: 'base.json', 'new-only': 'true', 'baseline-missing': 'all' }
    const seen = await scan({ ...scene, inputs })
    expect([codeOf(seen), outputs(seen)]).toEqual(['SW-SCAN-REFUSED', expect.objectContaining({ new: '1', known: '0' })])
    expect(codeOf(await scan({ ...scene, inputs, files: { 'base.json': '{' } }))).toBe('SW-GATE-REPORT')
  })

  it('of an image needs a policy', async () => {
    expect(codeOf(await scan({ ...scene, inputs: { 'baseline-image': 'registry.example.com/app:1' } }))).toBe('SW-INPUT-INVALID')
  })
})

describe('exceptions', () => {
  it('of all files count, each named by where it stands', async () => {
    const seen = await scan({
      ...{ layers: [npm(['lodash', '4.17.20'], ['left', '1.0.0'])], advisories: [lodash, left] },
      inputs: { exceptions: '.trivyignore\ne.yaml' },
      files: {
        '.trivyignore': '# not reachable\nCVE-2021-1 exp:2026-12-01\n',
        'e.yaml':
          'exceptions: [{ id: CVE-2026-2, reason: r, owner: shop, expires: 2026-12-01 }, { id: CVE-1, reason: r, owner: shop, expires: 2026-12-01 }]',
      },
    })
    expect([seen.failure, JSON.parse(file(seen, 'report')).excused]).toEqual([
      undefined,
      expect.arrayContaining([
        expect.objectContaining({ id: 'CVE-2021-1', exception: expect.objectContaining({ origin: '.trivyignore, line 2' }) }),
        expect.objectContaining({ id: 'CVE-2026-2', exception: expect.objectContaining({ origin: 'e.yaml, exception 1' }) }),
      ]),
    ])
    expect(seen.recorded.lines.join('\n')).toContain('an exception is about nothing that was found {"id":"CVE-1"')
  })

  test.each<readonly [string, Readonly<Record<string, string>>, string, unknown]>([
    ['without a day', { exceptions: '.trivyignore' }, '{}', 'SW-GATE-EXCEPTIONS'],
    ['with a day for all', { exceptions: '.trivyignore', 'exceptions-expire': '2026-12-01' }, '{}', undefined],
    ['with a day that has passed', { exceptions: '.trivyignore', 'exceptions-expire': '2026-11-21' }, '{}', 'SW-SCAN-REFUSED'],
    ['with one that is none', { exceptions: '.trivyignore', 'exceptions-expire': 'never' }, '{}', 'SW-GATE-EXCEPTIONS'],
    [
      'with one beyond the horizon',
      { exceptions: '.trivyignore', 'exceptions-expire': '2027-12-01' },
      'max-exception: 180d',
      'SW-GATE-EXCEPTIONS',
    ],
  ])('of another tool %s', async (_, inputs, policy, code) => {
    expect(codeOf(await scan(by(policy, inputs, { '.trivyignore': 'CVE-2021-1\n' })))).toBe(code)
  })

  it('with line ends and commands in their reasons make no line of the log', async () => {
    const evil = 'r\\r\\n::error::owned\\n::set-output name=a::b'
    const seen = await scan({
      ...scene,
      inputs: { exceptions: 'e.yaml' },
      files: { 'e.yaml': `exceptions: [{ id: CVE-2021-1, reason: "${evil}", owner: "${evil}", expires: 2026-12-01 }]` },
    })
    const table = seen.recorded.lines.find((line) => line.startsWith('untrusted')) ?? ''
    expect([seen.failure, table.includes('owned'), /\r|^\s*::/m.test(table)]).toEqual([undefined, true, false])
  })
})

describe('VEX', () => {
  const document = (status: string, timestamp: string): string =>
    JSON.stringify({
      ...{ '@context': 'https://openvex.dev/ns/v0.2.0', '@id': 'https://example.com/1', author: 'vendor', timestamp, version: 1 },
      statements: [
        { vulnerability: { name: 'CVE-2021-1' }, products: [{ '@id': 'pkg:npm/lodash' }], status, impact_statement: 'not called' },
      ],
    })
  const given = (...documents: readonly string[]) => ({
    ...scene,
    inputs: { vex: documents.map((_, at) => `${at}.json`).join('\n') },
    files: Object.fromEntries(documents.map((text, at) => [`${at}.json`, text])),
  })

  it('that says not_affected excuses, and is named', async () => {
    const seen = await scan(given(document('not_affected', '2026-11-01T00:00:00Z')))
    expect([seen.failure, JSON.parse(file(seen, 'report')).excused]).toEqual([
      undefined,
      [
        expect.objectContaining({
          exception: { origin: '0.json, statement 1', owner: 'vendor', status: 'not_affected', reason: 'not_affected, not called' },
        }),
      ],
    ])
  })

  it('that is newer wins, in whatever file', async () => {
    const texts = [document('affected', '2026-11-02T00:00:00Z'), document('not_affected', '2026-11-01T00:00:00Z')]
    expect([codeOf(await scan(given(...texts))), codeOf(await scan(given(...texts.toReversed())))]).toEqual(
      Array(2).fill('SW-SCAN-REFUSED'),
    )
  })

  it('is part of what the policy’s digest is over', async () => {
    const [plain, stated] = [await scan(scene), await scan(given(document('fixed', '2026-11-01T00:00:00Z')))]
    expect(outputs(plain)['policy']).not.toBe(outputs(stated)['policy'])
  })

  it('that is none is refused', async () => expect(codeOf(await scan(given('{}')))).toBe('SW-VEX-INVALID'))

  it('goes out with what an exception states, and with nothing that is only accepted', async () => {
    const exceptions = (vex: string): string => `exceptions: [{ id: CVE-2021-1, reason: r, owner: shop, expires: 2026-12-01${vex} }]`
    const written = async (vex: string): Promise<string> =>
      file(
        await scan({ ...scene, inputs: { exceptions: 'e.yaml', name: 'registry.example.com/app' }, files: { 'e.yaml': exceptions(vex) } }),
        'vex',
      )
    expect(await written('')).toBe('')
    const text = await written(', vex: { status: not_affected, justification: vulnerable_code_not_in_execute_path }')
    expect(JSON.parse(text)).toMatchObject({
      author: 'shop',
      statements: [{ vulnerability: { name: 'CVE-2021-1', aliases: ['GHSA-lodash'] }, status: 'not_affected' }],
    })
    const read = await scan({ ...scene, inputs: { vex: 'out.json' }, files: { 'out.json': text } })
    expect(read.failure).toBeUndefined()
  })
})

it('refuses licences that the policy denies', async () => {
  const seen = await scan(by('fail-on: none\nlicenses: { deny: [GPL-*] }'))
  expect(whyOf(seen)).toContain('1 package of unknown licence')
})
