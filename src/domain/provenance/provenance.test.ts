import { describe, expect, test } from '@jest/globals'
import { unsignedJwt } from '../../../test/fakes/cloud.ts'
import { sha256 } from '../../base/digest.ts'
import type { Claims } from '../sigstore/verify/claims.ts'
import { requirePassed } from '../sigstore/verify/gate.ts'
import { provenanceOf } from '../sigstore/verify/provenance.ts'
import { provenanceUnknown } from './errors.ts'
import { scanVerdict, testResult } from './findings.ts'
import { githubProvenance, requireSameRun } from './github.ts'
import { localProvenance, tektonProvenance } from './plain.ts'

const claims = {
  iss: 'https://token.actions.githubusercontent.com',
  ref: 'refs/heads/main',
  sha: 'babca52ab0c93ae16539e5923cb0d7403b9a093b',
  repository: 'owner/repo',
  event_name: 'push',
  job_workflow_ref: 'owner/workflows/.github/workflows/publish.yml@main',
  workflow_ref: 'owner/repo/.github/workflows/main.yml@main',
  repository_id: 'repo-id',
  repository_owner_id: 'owner-id',
  runner_environment: 'github-hosted',
  run_id: 'run-id',
  run_attempt: 'run-attempt',
}
const github = 'https://github.com'
const source = { url: 'https://github.com/acme/app', commit: 'f'.repeat(40), ref: 'refs/heads/main' }
const base = { name: 'docker.io/library/node:24', digest: sha256('base') }
const subject = { digest: sha256('image'), mediaType: 'm', layout: 'l', platforms: [], base }

describe('on GitHub', () => {
  test('is field by field, in their order, what actions/attest makes of the same claims', () => {
    expect(JSON.stringify(githubProvenance(unsignedJwt(claims), github))).toBe(
      JSON.stringify({
        buildDefinition: {
          buildType: 'https://actions.github.io/buildtypes/workflow/v1',
          externalParameters: {
            workflow: { ref: 'main', repository: 'https://github.com/owner/repo', path: '.github/workflows/main.yml' },
          },
          internalParameters: {
            github: {
              event_name: 'push',
              repository_id: 'repo-id',
              repository_owner_id: 'owner-id',
              runner_environment: 'github-hosted',
            },
          },
          resolvedDependencies: [
            {
              uri: 'git+https://github.com/owner/repo@refs/heads/main',
              digest: { gitCommit: 'babca52ab0c93ae16539e5923cb0d7403b9a093b' },
            },
          ],
        },
        runDetails: {
          builder: { id: 'https://github.com/owner/workflows/.github/workflows/publish.yml@main' },
          metadata: { invocationId: 'https://github.com/owner/repo/actions/runs/run-id/attempts/run-attempt' },
        },
      }),
    )
  })

  test('a tag may have an @', () => {
    const token = unsignedJwt({ ...claims, workflow_ref: 'owner/repo/.github/workflows/main.yml@refs/tags/@acme/app@1.2.0' })
    const { externalParameters } = githubProvenance(token, github).buildDefinition
    expect(externalParameters).toMatchObject({ workflow: { ref: 'refs/tags/@acme/app@1.2.0', path: '.github/workflows/main.yml' } })
  })

  test.each([
    ['https://token.actions.githubusercontent.com', 'https://evil.example.com', 'https://github.com'],
    ['https://token.actions.githubusercontent.com/acme', 'https://evil.example.com', 'https://github.com'],
    ['https://token.actions.acme.ghe.com', 'https://github.com', 'https://acme.ghe.com'],
    ['https://ghe.example.com/_services/token', 'https://ghe.example.com', 'https://ghe.example.com'],
    ['https://token.actions.githubusercontent.com.evil.example.com', 'https://ghe.example.com', 'https://ghe.example.com'],
  ])('of the issuer %s, with GITHUB_SERVER_URL %s, is of the server %s', (iss, declared, server) => {
    const { runDetails } = githubProvenance(unsignedJwt({ ...claims, iss }), declared)
    expect(runDetails.builder.id).toBe(`${server}/owner/workflows/.github/workflows/publish.yml@main`)
  })

  test.each(Object.keys(claims))('is none without the claim %s', (name) => {
    expect(() => githubProvenance(unsignedJwt({ ...claims, [name]: undefined }), github)).toThrow(name)
  })

  test.each(['', 'a.b.c', 'not a token'])('is none for the token %j', (token) => {
    expect(() => githubProvenance(token, github)).toThrow('it is no JWT')
  })

  const certificate: Claims = {
    identity: 'https://github.com/owner/workflows/.github/workflows/publish.yml@main',
    issuer: claims.iss,
    repository: 'https://github.com/owner/repo',
    ref: 'refs/heads/main',
    commit: claims.sha,
    runUrl: 'https://github.com/owner/repo/actions/runs/run-id/attempts/run-attempt',
  }

  test('goes with the certificate of the same run, also of an issuer that writes less into it', () => {
    const provenance = githubProvenance(unsignedJwt(claims), github)
    requireSameRun(provenance, certificate)
    requireSameRun(provenance, { identity: certificate.identity, issuer: claims.iss })
  })

  test.each([
    ['identity', 'https://github.com/owner/workflows/.github/workflows/publish.yml@other'],
    ['repository', 'https://github.com/owner/other'],
    ['ref', 'refs/heads/other'],
    ['commit', '0'.repeat(40)],
    ['runUrl', 'https://github.com/owner/repo/actions/runs/another/attempts/1'],
  ])('is refused beside a certificate with another %s', (name, value) => {
    const check = (): void => requireSameRun(githubProvenance(unsignedJwt(claims), github), { ...certificate, [name]: value })
    expect(check).toThrow(value)
    expect(() => check()).toThrow(expect.objectContaining({ code: provenanceUnknown.code }))
  })
})

describe('elsewhere', () => {
  const account = unsignedJwt({ 'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'builder', uid: 'u' }, pod: { name: 'p' } } })

  test('a Tekton step names its service account, and claims no level', () => {
    const { buildDefinition, runDetails } = tektonProvenance({ source, subject }, account)
    expect(runDetails.builder.id).toBe('https://kubernetes.io/namespaces/ci/serviceaccounts/builder')
    expect(buildDefinition.internalParameters).toMatchObject({ slipway: { publishable: true, slsaBuildLevel: 0 } })
    expect(buildDefinition.resolvedDependencies).toEqual([
      { uri: 'git+https://github.com/acme/app@refs/heads/main', digest: { gitCommit: source.commit } },
      { uri: 'oci://docker.io/library/node:24', digest: { sha256: base.digest.slice(7) } },
    ])
  })

  test.each([undefined, 'no token', unsignedJwt({ sub: 'somebody' })])(
    'a step without an account (%s) is a builder without a name',
    (token) => {
      expect(tektonProvenance({}, token).runDetails.builder.id).toBe('https://github.com/slipway-ci/slipway/builders/tekton-step')
    },
  )

  test('the same facts make the same bytes, whichever pod tells them', () => {
    const again = unsignedJwt({ 'kubernetes.io': { namespace: 'ci', serviceaccount: { name: 'builder' }, pod: { name: 'q' } }, iat: 2 })
    expect(JSON.stringify(tektonProvenance({ source }, again))).toBe(JSON.stringify(tektonProvenance({ source }, account)))
  })

  test('a laptop says that it is not to be published, in its type, its builder and by a word', () => {
    const { buildDefinition, runDetails } = localProvenance({ source })
    expect([buildDefinition.buildType, runDetails.builder.id, buildDefinition.internalParameters]).toEqual([
      'https://github.com/slipway-ci/slipway/buildtypes/local/v1',
      'https://github.com/slipway-ci/slipway/builders/local',
      { slipway: { publishable: false, slsaBuildLevel: 0, because: expect.any(String) } },
    ])
  })

  test('verify reads builder and source of each', () => {
    const made = [githubProvenance(unsignedJwt({ ...claims, repository: 'acme/app' }), github), tektonProvenance({ source }, account)]
    expect(made.map(provenanceOf).map((seen) => seen.source)).toEqual([source.url, source.url])
    expect(made.map(provenanceOf).map(({ builder }) => builder)).toEqual(made.map(({ runDetails }) => runDetails.builder.id))
  })
})

describe('what was found out', () => {
  const tests = { passed: 24, failed: 0, skipped: 1, flaky: 0, duration: 10, coverage: 91.2, reports: [], verdict: 'pass' as const }

  test('tests that passed, of a source, in a run without its attempt', () => {
    expect(testResult(tests, { source, runUrl: 'https://github.com/acme/app/actions/runs/7/attempts/2' })).toEqual({
      result: 'PASSED',
      configuration: [{ uri: 'git+https://github.com/acme/app@refs/heads/main', digest: { gitCommit: source.commit } }],
      url: 'https://github.com/acme/app/actions/runs/7',
      counts: { passed: 24, failed: 0, skipped: 1, flaky: 0 },
      coverage: 91.2,
    })
    expect(testResult({ ...tests, verdict: 'fail' }, {})).toMatchObject({ result: 'FAILED', configuration: [] })
  })

  const severities = { critical: 0, high: 0, medium: 1, low: 0, unknown: 0 }
  const findings = { subject: subject.digest, severities, verdict: 'pass' as const, policy: sha256('policy') }
  const at = { resource: 'registry.example.com/app', finished: '2026-11-21T12:00:00Z' }
  const now = { proof: { times: [] }, now: Date.parse('2026-11-21T13:00:00Z') }

  test('the verdict of a gate is what verify asks for: by its policy, for the repository, of the time of the scan', () => {
    const wanted = {
      policy: findings.policy,
      resource: 'oci://registry.example.com/app',
      verifier: 'https://github.com/slipway-ci/slipway/scan',
    }
    requirePassed(scanVerdict(findings, at), { ...wanted, maxAge: 2 * 3_600_000 }, now)
    expect(() => requirePassed(scanVerdict(findings, at), { maxAge: 1000 }, now)).toThrow('too long ago')
    expect(() => requirePassed(scanVerdict({ ...findings, verdict: 'fail' }, at), {}, now)).toThrow()
  })
})
