import { describe, expect, test } from '@jest/globals'
import { loadAll } from 'js-yaml'
import type { SignedWith, Snippet } from './signed.ts'
import { policySnippets } from './snippets.ts'

const publicKey = '-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI\n-----END PUBLIC KEY-----\n'
const publicInstance = {
  authority: 'https://fulcio.sigstore.dev',
  logs: [{ url: 'https://rekor.sigstore.dev', version: 1 }],
  timestamps: [],
} as const
const keyed: SignedWith = {
  images: ['harbor.example.com/team/app'],
  formats: ['bundle', 'legacy'],
  by: { publicKey, algorithm: 'ecdsa-p256-sha256' },
  annotations: {},
}
const keyless: SignedWith = {
  ...keyed,
  formats: ['bundle'],
  by: {
    identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    issuer: 'https://token.actions.githubusercontent.com',
  },
  services: publicInstance,
}
const titles = (signed: SignedWith) => policySnippets(signed, 'all').snippets.map(({ title }) => title)
const parsed = ({ text }: Snippet): unknown => loadAll(text)[0]
const named = (signed: SignedWith, title: string): unknown => {
  const found = policySnippets(signed, 'all').snippets.find((one) => one.title === title)
  return found === undefined ? undefined : parsed(found)
}

test.each<[string, SignedWith, readonly string[], number]>([
  [
    'a key, both formats',
    keyed,
    [
      'Kyverno: ClusterPolicy (Cosign)',
      'Kyverno: ImageValidatingPolicy',
      'policy-controller: ClusterImagePolicy',
      'containers: policy.json',
      'containers: registries.d',
    ],
    1,
  ],
  [
    'a key, bundles only',
    { ...keyed, formats: ['bundle'] },
    ['Kyverno: ImageValidatingPolicy', 'policy-controller: ClusterImagePolicy'],
    3,
  ],
  [
    'a key, .sig only',
    { ...keyed, formats: ['legacy'] },
    ['Kyverno: ClusterPolicy (Cosign)', 'policy-controller: ClusterImagePolicy', 'containers: policy.json', 'containers: registries.d'],
    0,
  ],
  [
    'an identity',
    keyless,
    ['Kyverno: ClusterPolicy (SigstoreBundle)', 'Kyverno: ImageValidatingPolicy', 'policy-controller: ClusterImagePolicy'],
    1,
  ],
])('%s: only what the program can check, and what it cannot is said', (_, signed, expected, lacking) => {
  expect(titles(signed)).toEqual(expected)
  expect(policySnippets(signed, 'all').lacking).toHaveLength(lacking)
})

test('each program by itself, or none', () => {
  expect(policySnippets(keyed, 'none').snippets).toEqual([])
  expect(policySnippets(keyed, 'containers').snippets.map(({ kind }) => kind)).toEqual(['policy.json', 'registries.d'])
  expect(policySnippets(keyed, 'kyverno').snippets.every(({ title }) => title.startsWith('Kyverno'))).toBe(true)
})

describe('the key, its digest and the log are those of the signature', () => {
  test('without a log none is asked for', () => {
    expect(named(keyed, 'Kyverno: ClusterPolicy (Cosign)')).toMatchObject({
      spec: {
        rules: [
          {
            verifyImages: [
              {
                type: 'Cosign',
                imageReferences: ['harbor.example.com/team/app:*', 'harbor.example.com/team/app@*'],
                attestors: [{ entries: [{ keys: { publicKeys: publicKey, rekor: { ignoreTlog: true } } }] }],
              },
            ],
          },
        ],
      },
    })
    const [bundle, legacy] = authorities({ ...keyed, by: { publicKey, algorithm: 'ecdsa-p384-sha384' } })
    expect(bundle).toEqual({ name: 'bundle', signatureFormat: 'bundle', key: { data: publicKey, hashAlgorithm: 'sha384' } })
    expect(legacy).toEqual({ name: 'legacy', signatureFormat: 'legacy', key: { data: publicKey, hashAlgorithm: 'sha256' } })
  })

  test('with a log it is', () => {
    expect(authorities({ ...keyed, formats: ['legacy'], services: publicInstance })).toMatchObject([
      { ctlog: { url: 'https://rekor.sigstore.dev' } },
    ])
    expect(authorities(keyless)).toEqual([
      {
        name: 'bundle',
        signatureFormat: 'bundle',
        keyless: {
          url: 'https://fulcio.sigstore.dev',
          identities: [{ issuer: 'https://token.actions.githubusercontent.com', subject: Reflect.get(keyless.by, 'identity') }],
        },
        ctlog: { url: 'https://rekor.sigstore.dev' },
      },
    ])
  })

  test('a Sigstore of one’s own comes with its trusted root, where the program takes one', () => {
    const own = {
      ...keyless,
      services: { ...publicInstance, authority: 'https://fulcio.example.com', timestamps: ['https://tsa.example.com'] },
      trustedRoot: '{"mediaType":"x"}',
    }
    expect(named(own, 'Kyverno: ImageValidatingPolicy')).toMatchObject({
      spec: { attestors: [{ cosign: { trustedRoot: { value: '{"mediaType":"x"}' } } }] },
    })
    expect(authorities(own)).toMatchObject([{ keyless: { trustRootRef: 'sigstore' }, rfc3161timestamp: { trustRootRef: 'sigstore' } }])
    expect(titles(own)).not.toContain('Kyverno: ClusterPolicy (SigstoreBundle)')
    expect(titles({ ...own, formats: ['legacy'] })).toEqual(['policy-controller: ClusterImagePolicy'])
    const why = policySnippets({ ...own, trustedRoot: undefined }, 'kyverno').lacking.map((one) => one.why)
    expect(why).toEqual([expect.stringContaining('SIGSTORE_TRUSTED_ROOT')])
    expect(policySnippets(own, 'kyverno').lacking.map((one) => one.tool)).toEqual(['Kyverno before 1.19'])
  })
})

test('policy.json refuses all but the image by the key, as its own repository', () => {
  expect(named(keyed, 'containers: policy.json')).toEqual({
    default: [{ type: 'reject' }],
    transports: {
      docker: {
        'harbor.example.com/team/app': [
          { type: 'sigstoreSigned', keyData: Buffer.from(publicKey).toString('base64'), signedIdentity: { type: 'matchRepository' } },
        ],
      },
    },
  })
  expect(named(keyed, 'containers: registries.d')).toEqual({
    docker: { 'harbor.example.com/team/app': { 'use-sigstore-attachments': true } },
  })
})

test('what somebody signs cannot become more than a value', () => {
  const strange = { ...keyless, by: { identity: "x'\n  evil: true\n---\n#", issuer: '*a' }, annotations: { 'a: b': '{{ c }}' } }
  for (const snippet of policySnippets(strange, 'all').snippets) expect(loadAll(snippet.text)).toHaveLength(1)
  expect(named(strange, 'Kyverno: ClusterPolicy (SigstoreBundle)')).toMatchObject({
    spec: {
      rules: [
        { verifyImages: [{ attestors: [{ entries: [{ keyless: { subject: strange.by.identity }, annotations: strange.annotations }] }] }] },
      ],
    },
  })
})

test('names are those of Kubernetes, however long the repository', () => {
  const long = { ...keyed, images: [`r.test/${'Team_A/'.repeat(20)}app`] }
  for (const snippet of policySnippets(long, 'all').snippets.filter(({ kind }) => kind === 'kubernetes')) {
    expect(parsed(snippet)).toMatchObject({ metadata: { name: expect.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/) } })
  }
})

function authorities(signed: SignedWith): readonly unknown[] {
  const found: unknown = Reflect.get(
    Object(Reflect.get(Object(named(signed, 'policy-controller: ClusterImagePolicy')), 'spec')),
    'authorities',
  )
  return Array.isArray(found) ? found : []
}
