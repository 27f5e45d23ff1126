import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { unsignedJwt } from '../../../test/fakes/cloud.ts'
import { sha256 } from '../../base/digest.ts'
import { TaskError } from '../../base/errors.ts'
import type { Outcome } from '../../spec/execute.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { type Attesting, cyclonedx, openAttesting } from './attesting.fake.ts'

let at: Attesting
beforeEach(async () => {
  at = await openAttesting()
})
afterEach(() => at.scene.close())

const outputsOf = ({ outputs }: Outcome) => Object.fromEntries(outputs)

const typesOf = ({ record }: Outcome): readonly string[] => (record.attestations ?? []).map(({ predicateType }) => predicateType)

const slsa = 'https://slsa.dev/provenance/v1'

describe('what the record says', () => {
  const recorded = (more: Partial<ReleaseRecord> = {}): ReleaseRecord => ({
    ...emptyRecord,
    source: { url: 'https://github.com/acme/app', commit: 'f'.repeat(40) },
    subject: { digest: at.index.descriptor.digest, mediaType: 'm', layout: 'l', platforms: [] },
    pushes: [{ image: at.name, digest: at.index.descriptor.digest, tags: [] }],
    tests: { passed: 2, failed: 0, skipped: 0, flaky: 0, duration: 1, reports: [], verdict: 'pass' },
    findings: {
      subject: at.index.descriptor.digest,
      severities: { critical: 0, high: 0, medium: 0, low: 0, unknown: 0 },
      verdict: 'pass',
      policy: sha256('policy'),
      finished: '2026-11-21T12:00:00Z',
    },
    ...more,
  })

  test('is attested as it is there: provenance of a laptop, tests and verdict', async () => {
    const { outcome, recorded: said } = await at.attest({ image: '' }, { record: recorded() })
    expect(typesOf(outcome)).toEqual([slsa, 'https://in-toto.io/attestation/test-result/v0.1', 'https://slsa.dev/verification_summary/v1'])
    expect(await at.statements()).toMatchObject([
      { predicate: { result: 'PASSED', counts: { passed: 2 } } },
      { predicate: { buildDefinition: { internalParameters: { slipway: { publishable: false } } } } },
      { predicate: { verificationResult: 'PASSED', resourceUri: `oci://${at.name}`, timeVerified: '2026-11-21T12:00:00Z' } },
    ])
    expect(said.lines.join('\n')).toContain('nobody vouches for')
    expect((await at.attest({ image: '' }, { record: recorded() })).outcome.headline).toContain('all there already')
  })

  test('SBOMs go to the platform that they are about, and must be the files that were recorded', async () => {
    const [child] = at.children
    if (child === undefined) throw new Error('an index has children')
    mkdirSync(join(at.scene.folder, 'sboms'))
    at.put('sboms/amd64.json', cyclonedx)
    const entry = { subject: child.digest, platform: 'linux/amd64', format: 'cyclonedx', path: 'sboms/amd64.json' }
    const record = recorded({ sboms: [{ ...entry, file: sha256(JSON.stringify(cyclonedx)) }] })
    const { outcome } = await at.attest({ predicates: 'sbom' }, { record })
    expect(outcome.record.attestations).toMatchObject([{ subject: child.digest, predicateType: 'https://cyclonedx.org/bom' }])
    at.put('sboms/amd64.json', { ...cyclonedx, version: 2 })
    at.scene.registry.log.length = 0
    const { outcome: changed } = await at.attest({ predicates: 'sbom' }, { record })
    expect([changed.failure, at.scene.registry.log]).toMatchObject([{ code: 'SW-ATTEST-PREDICATE' }, []])
  })

  test('of another image is not said of this one', async () => {
    const record = recorded({ subject: { digest: sha256('other'), mediaType: 'm', layout: 'l', platforms: [] } })
    expect(typesOf((await at.attest({ files: 'cyclonedx=sbom.json' }, { record })).outcome)).toEqual([
      'https://slsa.dev/verification_summary/v1',
      'https://cyclonedx.org/bom',
    ])
    expect((await at.attest({ predicates: 'test-result' }, { record })).outcome.failure).toMatchObject({ code: 'SW-ATTEST-NOTHING' })
  })

  test.each<readonly [string, object, string | undefined]>([
    ['of this image with this verdict is attested with it', {}, undefined],
    ['of another verdict is not', { verdict: 'fail' }, 'SW-ATTEST-PREDICATE'],
    ['of another image is not', { subject: sha256('other') }, 'SW-ATTEST-PREDICATE'],
  ])('a report %s', async (_, given, code) => {
    const { findings } = recorded()
    const report = { schemaVersion: '1.0', verdict: 'pass', subject: at.index.descriptor.digest, findings: [], ...given }
    at.put('report.json', report)
    const known = { ...findings, report: 'report.json', file: sha256(JSON.stringify(report)), databaseDate: '2026-11-20T00:00:00Z' }
    const { outcome } = await at.attest({ predicates: 'scan' }, { record: recorded({ findings: known as never }) })
    expect(outcome.failure).toEqual(code === undefined ? undefined : expect.objectContaining({ code }))
    expect(typesOf(outcome)).toEqual(
      code === undefined ? ['https://in-toto.io/attestation/vulns/v0.2', 'https://slsa.dev/verification_summary/v1'] : [],
    )
  })

  test('a verdict without its time is none', async () => {
    const { findings } = recorded()
    const { outcome } = await at.attest(
      { predicates: 'scan' },
      { record: recorded({ findings: { ...findings, finished: undefined } as never }) },
    )
    expect(outcome.failure).toMatchObject({ code: 'SW-ATTEST-NOTHING' })
  })
})

describe('provenance', () => {
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    ...{ ref: 'refs/heads/main', sha: 'a'.repeat(40), repository: 'acme/app', event_name: 'push', repository_id: '1', run_id: '7' },
    ...{
      workflow_ref: 'acme/app/.github/workflows/r.yml@refs/heads/main',
      job_workflow_ref: 'acme/app/.github/workflows/r.yml@refs/heads/main',
    },
    ...{ repository_owner_id: '2', runner_environment: 'github-hosted', run_attempt: '1' },
  }
  const identity = { token: async () => unsignedJwt(claims) }
  const unavailable = {
    token: () =>
      Promise.reject(new TaskError({ code: 'SW-IDENTITY-UNAVAILABLE', fault: 'environment', title: '', causes: [], fix: '' }, 'no token')),
  }

  test('on GitHub is what the token says, whatever the environment says', async () => {
    const environment = {
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: 'evil/app',
      GITHUB_SHA: 'b'.repeat(40),
      GITHUB_SERVER_URL: 'https://evil.test',
    }
    await at.attest({ predicates: 'provenance' }, { ports: { environment, identity } })
    expect(await at.statements()).toMatchObject([
      {
        predicateType: slsa,
        predicate: {
          buildDefinition: { resolvedDependencies: [{ digest: { gitCommit: claims.sha } }] },
          runDetails: { builder: { id: `https://github.com/${claims.job_workflow_ref}` } },
        },
      },
    ])
  })

  test('on GitHub without a token is an error, never a guess', async () => {
    const { outcome } = await at.attest({}, { ports: { environment: { GITHUB_ACTIONS: 'true' }, identity: unavailable } })
    expect(outcome.failure).toMatchObject({ code: 'SW-IDENTITY-UNAVAILABLE' })
    expect(at.scene.registry.log).toEqual([])
  })

  test('on Tekton needs no token', async () => {
    await at.attest({ predicates: 'provenance' }, { ports: { environment: { SLIPWAY_HOST: 'tekton' }, identity: unavailable } })
    expect(await at.statements()).toMatchObject([
      { predicate: { buildDefinition: { internalParameters: { slipway: { slsaBuildLevel: 0 } } } } },
    ])
  })

  test('of a laptop goes to no registry elsewhere, unless it is named', async () => {
    const image = `registry.example.com/team/app@${at.index.descriptor.digest}`
    const { outcome, recorded } = await at.attest({ image })
    expect([outcome.headline, outputsOf(outcome)]).toMatchObject(['nothing to attest', { attested: '0' }])
    expect(recorded.lines.join()).toContain('nobody vouches for this machine')
    expect(at.scene.registry.log).toEqual([])
    // Named, it is tried, at a registry that this test does not have.
    expect((await at.attest({ image, predicates: 'provenance' })).outcome.failure).toBeDefined()
  })
})
