/** Cases as those of the public suite (sigstore-conformance, test/assets/bundle-verify): a bundle, one defect each. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { sha256 } from '../../../base/digest.ts'
import { knownInstance } from '../instance/instance.ts'
import { parsePublicKey, publicKeyOf } from '../keys/public-key.ts'
import { type Artifact, type FileTerms, proveFile } from './file-bundle.ts'
import type { IdentityRule } from './policy.ts'
import { prehashedBy } from './prehashed.ts'
import { flipped, recorded } from './real.fake.ts'
import { type ReasonCode, reasonOf } from './reasons.ts'
import { parseTrustRoot, type TrustRoot } from './trust-root.ts'

const rootOf = (name: string): TrustRoot => parseTrustRoot(recorded(name), name)
const lab = rootOf('file/trusted-root.json')
const publicGood = parseTrustRoot((await knownInstance('public')).builtIn?.trustedRoot ?? Buffer.alloc(0), 'public')
const file = recorded('file/a.txt')
const key = parsePublicKey(recorded('file/k.pub').toString(), 'k.pub')

const release: IdentityRule = {
  kind: 'identity',
  identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1',
  issuer: 'http://10.88.0.1:38115/github',
}
const integration: IdentityRule = {
  kind: 'identity',
  identity: 'https://github.com/too-legit/attest/.github/workflows/integration.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com/hammer-time',
}

/** The reason against a bundle, or undefined when it holds. */
async function against(bundle: Uint8Array, artifact: Artifact, terms: FileTerms): Promise<ReasonCode | undefined> {
  try {
    await proveFile(bundle, artifact, terms)
    return undefined
  } catch (thrown) {
    return reasonOf(thrown).code
  }
}

/** As a file, and as no more than its digest. */
const forms = (bytes: Buffer): readonly [string, Artifact][] => [
  ['the file', { bytes }],
  ['its digest', { digest: sha256(bytes) }],
]

const held: readonly [string, string, Buffer, FileTerms][] = [
  ['cosign on Rekor 2, with a time stamp', 'cosign-rekor-v2.json', file, { roots: [lab], by: release }],
  ['cosign on Rekor 1', 'cosign-rekor-v1.json', file, { roots: [lab], by: release }],
  ['cosign with a key', 'cosign-key.json', file, { roots: [lab], by: key }],
  ['this client, as a statement', 'statement.json', file, { roots: [lab], by: release }],
  [
    'actions/attest on the public instance',
    'custom-issuer.sigstore.json',
    recorded('file/custom-issuer-artifact'),
    { roots: [publicGood], by: integration },
  ],
  ['another under one of several roots', 'cosign-rekor-v2.json', file, { roots: [publicGood, lab], by: release }],
]

describe.each(held)('a bundle by %s', (_, name, bytes, terms) => {
  const bundle = recorded(`file/${name}`)
  test.each(forms(bytes))('is about %s', async (__, artifact) => {
    expect(await against(bundle, artifact, terms)).toBeUndefined()
  })
  test.each(forms(Buffer.from('another file')))('is not about another file: %s', async (__, artifact) => {
    expect(await against(bundle, artifact, terms)).toBe('subject-mismatch')
  })
  test('holds under its own root only', async () => {
    const other = terms.roots.includes(publicGood) && terms.roots.length === 1 ? lab : publicGood
    expect(await against(bundle, { bytes }, { ...terms, roots: [other] })).toBe('log-unknown')
  })
  test('is by whom it is, and by nobody else', async () => {
    const by =
      'kind' in terms.by
        ? { ...terms.by, identity: `${terms.by.identity}x` }
        : publicKeyOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey, '')
    expect(await against(bundle, { bytes }, { ...terms, by })).toBe('kind' in terms.by ? 'identity-mismatch' : 'key-mismatch')
  })
})

/** A recorded bundle with one value in it replaced; undefined removes it. */
function withOther(name: string, path: string, replace: (old: unknown) => unknown): Buffer {
  const document: unknown = JSON.parse(recorded(`file/${name}`).toString())
  const keys = path.split('.')
  const holder = keys.slice(0, -1).reduce((value, each) => Reflect.get(Object(value), each), document)
  Reflect.set(Object(holder), keys.at(-1) ?? '', replace(Reflect.get(Object(holder), keys.at(-1) ?? '')))
  return Buffer.from(JSON.stringify(document))
}
const v2 = 'cosign-rekor-v2.json'
const v1 = 'cosign-rekor-v1.json'
const entry = 'verificationMaterial.tlogEntries.0'
const otherEntry = (): unknown => JSON.parse(recorded('file/statement.json').toString()).verificationMaterial.tlogEntries
const twice = (old: unknown): unknown => [...(old as unknown[]), ...(old as unknown[])]

describe('one defect', () => {
  test.each<[string, Buffer, ReasonCode]>([
    ['a signature that is changed, on Rekor 2', withOther(v2, 'messageSignature.signature', flipped), 'timestamp-invalid'],
    ['a signature that is changed, on Rekor 1', withOther(v1, 'messageSignature.signature', flipped), 'log-entry-mismatch'],
    ['a digest that is changed', withOther(v2, 'messageSignature.messageDigest.digest', flipped), 'subject-mismatch'],
    ['the entry of another signature', withOther(v2, 'verificationMaterial.tlogEntries', otherEntry), 'log-entry-mismatch'],
    ['no entry in a log', withOther(v2, 'verificationMaterial.tlogEntries', () => undefined), 'log-missing'],
    ['one entry twice', withOther(v2, 'verificationMaterial.tlogEntries', twice), 'log-entry-duplicate'],
    ['a root hash that is changed', withOther(v2, `${entry}.inclusionProof.rootHash`, flipped), 'log-proof-invalid'],
    [
      'a size of the tree that is changed',
      withOther(v2, `${entry}.inclusionProof.treeSize`, (old) => String(Number(old) + 1)),
      'log-proof-invalid',
    ],
    ['an index that is changed', withOther(v2, `${entry}.inclusionProof.logIndex`, (old) => String(Number(old) + 1)), 'log-proof-invalid'],
    ['no proof that it is in the log', withOther(v2, `${entry}.inclusionProof`, () => undefined), 'unreadable'],
    [
      'a checkpoint that is changed',
      withOther(v2, `${entry}.inclusionProof.checkpoint.envelope`, (old) => String(old).replace(/\n(\d+)\n/, '\n9$1\n')),
      'log-proof-invalid',
    ],
    ['a log that nobody trusts', withOther(v2, `${entry}.logId.keyId`, flipped), 'log-unknown'],
    ['a body that is changed', withOther(v2, `${entry}.canonicalizedBody`, flipped), 'log-proof-invalid'],
    ['no time stamp on Rekor 2', withOther(v2, 'verificationMaterial.timestampVerificationData', () => undefined), 'timestamp-missing'],
    ['a promise that is changed', withOther(v1, `${entry}.inclusionPromise.signedEntryTimestamp`, flipped), 'log-promise-invalid'],
    ['a time that is changed', withOther(v1, `${entry}.integratedTime`, (old) => String(Number(old) + 1)), 'log-promise-invalid'],
    ['no certificate', withOther(v2, 'verificationMaterial.certificate', () => undefined), 'unreadable'],
    ['a certificate that is changed', withOther(v2, 'verificationMaterial.certificate.rawBytes', flipped), 'certificate-untrusted'],
    ['a media type of another thing', withOther(v2, 'mediaType', () => 'application/json'), 'unreadable'],
    ['two signatures in one envelope', recorded('file/dsse-2sigs.sigstore.json'), 'unreadable'],
    ['a key that comes twice', Buffer.from(recorded(`file/${v2}`).toString().replace('{', '{"mediaType":"",')), 'duplicate-keys'],
    ['not even JSON', Buffer.from('junk'), 'unreadable'],
    ['somebody with a key', recorded('file/cosign-key.json'), 'no-rule'],
  ])('%s', async (_, bundle, code) => {
    expect(await against(bundle, { bytes: file }, { roots: [lab], by: release })).toBe(code)
  })

  test('a signature by a key that is changed', async () => {
    const bundle = withOther('cosign-key.json', 'messageSignature.signature', flipped)
    expect(await against(bundle, { bytes: file }, { roots: [lab], by: key })).toBe('signature-invalid')
  })

  test('a key alone, in no log', async () => {
    const bundle = withOther('cosign-key.json', 'verificationMaterial.tlogEntries', () => undefined)
    expect(await against(bundle, { bytes: file }, { roots: [lab], by: key })).toBe('log-missing')
  })

  test('a certificate where a key was expected', async () => {
    expect(await against(recorded(`file/${v2}`), { bytes: file }, { roots: [lab], by: key })).toBe('no-rule')
  })

  test('another issuer', async () => {
    const by = { ...release, issuer: 'https://accounts.example.com' }
    expect(await against(recorded(`file/${v2}`), { bytes: file }, { roots: [lab], by })).toBe('issuer-mismatch')
  })
})

describe('a signature over a digest', () => {
  const bytes = Buffer.from('content')
  const digest = Buffer.from(sha256(bytes).slice('sha256:'.length), 'hex')

  test('is judged as node:crypto judges it over the file, for high and low s', async () => {
    const { isSignedBy } = await prehashedBy(digest)
    for (let round = 0; round < 20; round += 1) {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const signature = sign('sha256', bytes, pair.privateKey)
      expect(isSignedBy(pair.publicKey, signature)).toBe(true)
      expect(isSignedBy(pair.publicKey, sign('sha256', Buffer.from('other'), pair.privateKey))).toBe(false)
      expect(isSignedBy(pair.publicKey, signature.subarray(0, -1))).toBe(false)
    }
  })

  test.each([
    ['P-384', generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey],
    ['Ed25519', generateKeyPairSync('ed25519').publicKey],
  ])('by a key of %s needs the file', async (_, publicKey) => {
    const { isSignedBy } = await prehashedBy(digest)
    expect(() => isSignedBy(publicKey, Buffer.alloc(64))).toThrow(
      expect.objectContaining({ reason: expect.objectContaining({ expected: 'the file itself' }) }),
    )
  })
})
