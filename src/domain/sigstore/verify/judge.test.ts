import { describe, expect, test } from '@jest/globals'
import type { Attached } from './attached.ts'
import { judge } from './judge.ts'
import { of, patterned, ruled, verdict } from './judging.fake.ts'
import type { Policy } from './policy.ts'
import { after, bundle, changed, keyed, keyless, legacy, release, root, subject } from './real.fake.ts'

describe('what cosign wrote is trusted', () => {
  test.each([
    ['a bundle by certificate, Rekor 2', of('rekor-v2.json'), keyless],
    ['a bundle by certificate, Rekor 1', of('rekor-v1.json'), keyless],
    ['a bundle by key, without log', of('key.json'), keyed],
    ['a .sig by certificate, Rekor 1', legacy('legacy-sig.json'), keyless],
    ['a .sig by key', legacy('key-sig.json'), keyed],
  ])('%s', (_, attached, policy) => {
    expect(verdict([attached], policy)).toEqual([true, ['trusted']])
  })

  test('a bundle as GitHub’s own Sigstore makes them, which keeps no logs: only where the policy says so', () => {
    const material = { ...root.material, ctlogs: [], tlogs: [] }
    const theirs: Policy = { ...keyless, roots: [{ name: 'github.json', material }], log: 'never' }
    const unlogged = changed('no-sct.json', `verificationMaterial.tlogEntries`, () => [])
    expect(verdict([unlogged], theirs)).toEqual([true, ['trusted']])
    expect(verdict([unlogged], { ...theirs, log: 'keyless' })).toEqual([false, ['log-missing']])
    expect(verdict([unlogged], { ...keyless, log: 'never' })).toEqual([false, ['sct-missing']])
  })

  test('with who, when and where', () => {
    const [finding] = judge(subject, [of('rekor-v2.json')], { policy: keyless, now: after }).findings
    expect(finding?.proof).toMatchObject({
      signer: {
        claims: {
          identity: release.identity,
          issuer: release.issuer,
          repository: 'https://github.com/acme/app',
          ref: 'refs/heads/main',
          trigger: 'push',
          runner: 'github-hosted',
        },
      },
      log: { name: 'http://127.0.0.1:35565', index: '1' },
      times: [new Date('2026-11-21T21:22:05.000Z')],
    })
  })
})

describe('one good signature is enough', () => {
  test('beside bad ones and strange things', () => {
    const strange: Attached = { ...of('key.json'), format: 'other', type: 'text/plain' }
    expect(verdict([bundle(Buffer.from('junk')), strange, of('main-evil.json'), of('rekor-v2.json')], keyless)).toEqual([
      true,
      ['unreadable', 'not-sigstore', 'identity-mismatch', 'trusted'],
    ])
  })

  test('under any of several roots', () => {
    const stranger = { name: 'stranger', material: { certificateAuthorities: [], timestampAuthorities: [], tlogs: [], ctlogs: [] } }
    expect(verdict([of('rekor-v2.json')], { ...keyless, roots: [stranger, root] })).toEqual([true, ['trusted']])
    expect(verdict([of('expired.json')], { ...keyless, roots: [stranger, root, stranger] })).toEqual([false, ['certificate-expired']])
  })

  test('unless two signers are asked for', () => {
    const both: Policy = { ...keyless, signers: [release, ...keyed.signers], threshold: 2 }
    expect(verdict([of('rekor-v2.json'), of('rekor-v1.json')], both)[0]).toBe(false)
    expect(verdict([of('rekor-v2.json'), of('key.json')], both)[0]).toBe(true)
  })

  test('by an expression for the whole identity', () => {
    expect(verdict([of('rekor-v2.json')], patterned('https://github\\.com/acme/app/.+@refs/heads/main'))).toEqual([true, ['trusted']])
  })

  test('by claims without the whole identity', () => {
    const rule = {
      identity: undefined,
      repository: 'acme/app',
      workflow: '.github/workflows/release.yml',
      ref: 'refs/heads/*',
      trigger: 'push',
      runner: 'github-hosted',
    }
    expect(verdict([of('rekor-v2.json')], ruled(rule))).toEqual([true, ['trusted']])
  })
})

describe('an attestation under an .att tag', () => {
  const layer = legacy('legacy-att.json')
  const attached: Attached = { ...layer, format: 'attestation', type: 'application/vnd.dsse.envelope.v1+json' }
  const policy: Policy = { ...keyless, require: [{ predicate: 'slsa-provenance' }] }

  test('by cosign 2.5 meets what is required, and is no signature', () => {
    const { demands } = judge(subject, [attached], { policy, now: after })
    expect(demands.map(({ met }) => met)).toEqual([false, true])
  })

  test('of two signatures in one envelope is refused', () => {
    const bytes = Buffer.from(attached.bytes.toString().replace(/"signatures":\[(.*)\]/, '"signatures":[$1,$1]'))
    expect(verdict([{ ...attached, bytes }], policy)).toEqual([false, ['unreadable']])
  })
})

describe('attestations', () => {
  const asked = (require: Policy['require'][number]) => {
    const { demands } = judge(subject, [of('rekor-v2.json'), of('provenance.json')], {
      policy: { ...keyless, require: [require] },
      now: after,
    })
    return demands[1]?.met === true ? 'met' : demands[1]?.reasons.map(({ code }) => code)
  }

  test.each([
    ['by predicate type', { predicate: 'https://slsa.dev/provenance/v1' }, 'met'],
    ['by family', { predicate: 'slsa-provenance' }, 'met'],
    ['by builder and source', { predicate: 'slsa-provenance', builder: release.identity, source: 'https://github.com/acme/app' }, 'met'],
    ['another builder', { predicate: 'slsa-provenance', builder: 'https://github.com/acme' }, ['builder-mismatch']],
    ['another source', { predicate: 'slsa-provenance', source: 'https://github.com/acme/app2' }, ['source-mismatch']],
    ['too old', { predicate: 'slsa-provenance', maxAge: 1000 }, ['too-old']],
    ['none of the kind', { predicate: 'spdx' }, []],
  ])('%s', (_, requirement, expected) => expect(asked(requirement)).toEqual(expected))
})
