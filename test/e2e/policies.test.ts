/** The policies that `sign` prints, by the API server of a cluster that has the schemas of Kyverno and of the policy-controller. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { load } from 'js-yaml'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import type { SignedWith } from '../../src/domain/sigstore/policy-snippets/signed.ts'
import { policySnippets } from '../../src/domain/sigstore/policy-snippets/snippets.ts'
import { kubectl } from '../real/cluster.ts'
import { temporaryFolder } from '../real/folder.ts'
import { type Ended, end, output } from '../real/program.ts'
import { until } from '../real/until.ts'

/** Their definitions, in the modules that they are released as. */
const sources: readonly (readonly [string, string])[] = [
  ['github.com/kyverno/kyverno@v1.19.1', 'config/crds/kyverno/kyverno.io_clusterpolicies.yaml'],
  ['github.com/kyverno/kyverno@v1.19.1', 'config/crds/policies.kyverno.io/policies.kyverno.io_imagevalidatingpolicies.yaml'],
  ['github.com/sigstore/policy-controller@v0.13.1', 'config/300-clusterimagepolicy.yaml'],
]
const established = 'jsonpath={.status.conditions[?(@.type=="Established")].status}'
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('policies')).path

beforeAll(async () => {
  for (const [module, path] of sources) {
    const { Dir: place } = JSON.parse(await output(['go', 'mod', 'download', '-json', module], { cwd: folder })) as { Dir: string }
    const definition = load(readFileSync(join(place, path), 'utf8')) as { metadata: { name: string }; spec: object }
    // The program that turns one version into another is not here; each version has its schema all the same.
    const alone = { ...definition, spec: { ...definition.spec, conversion: { strategy: 'None' } } }
    await kubectl(['apply', '--server-side', '-f', '-'], alone)
    const name = `crd/${definition.metadata.name}`
    stack.defer(async () => void (await kubectl(['delete', '--ignore-not-found', name])))
    // `kubectl wait` fails where there is no condition yet.
    await until(`${name} is served`, async () => (await kubectl(['get', name, '-o', established])) === 'True', 60)
  }
}, 600_000)
afterAll(() => stack.disposeAsync(), 120_000)

const { publicKey } = generateKeys('p256', 'x')
const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
const signers: Readonly<Record<string, SignedWith['by']>> = {
  'a P-256 key': { publicKey, algorithm: 'ecdsa-p256-sha256' },
  'a P-521 key': { publicKey, algorithm: 'ecdsa-p521-sha512' },
  'an Ed25519 key': { publicKey, algorithm: 'ed25519' },
  'an identity': { identity, issuer: 'https://token.actions.githubusercontent.com' },
}
const log = { url: 'https://rekor.sigstore.dev', version: 1 } as const
const services: Readonly<Record<string, Pick<SignedWith, 'services' | 'trustedRoot'>>> = {
  'without a log': {},
  'with the public instance': { services: { authority: 'https://fulcio.sigstore.dev', logs: [log], timestamps: [] } },
  'with an instance of one’s own': {
    services: {
      ...{ authority: 'https://fulcio.example.com', timestamps: ['https://tsa.example.com'] },
      logs: [{ url: 'https://rekor.example.com', version: 2 }],
    },
    trustedRoot: '{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}',
  },
}
const formats = [['bundle'], ['legacy'], ['bundle', 'legacy']] as const
const annotated = [{}, { release: '1.4.0', note: 'a&b <c>' }]
const cases = Object.keys(signers).flatMap((who) => Object.keys(services).map((how) => [who, how] as const))

test.each(cases)(
  'of %s, %s, in every format: the server takes them, field by field',
  async (who, how) => {
    const by = signers[who] ?? { identity: '', issuer: '' }
    const texts = formats.flatMap((some) =>
      annotated.flatMap((annotations) => {
        const signed = { images: ['harbor.example.com/team/app', 'harbor.example.com/b'], formats: some, by, annotations, ...services[how] }
        return policySnippets(signed, 'all').snippets.filter(({ kind }) => kind === 'kubernetes')
      }),
    )
    expect(texts.length).toBeGreaterThan(0)
    const { status, stderr } = await apply(texts.map(({ text }) => text))
    expect([stderr.split('\n').filter((line) => line !== '' && !line.startsWith('Warning:')), status]).toEqual([[], 0])
  },
  300_000,
)

test.each([
  ['ClusterPolicy', 'imageReferences'],
  ['ImageValidatingPolicy', 'matchImageReferences'],
  ['ClusterImagePolicy', 'signatureFormat'],
])(
  'a %s with another field than %s is refused',
  async (kind, field) => {
    const signed = { images: ['r.example.com/a'], formats: ['bundle', 'legacy'] as const, by: signers['a P-256 key'], annotations: {} }
    const { snippets } = policySnippets(signed as SignedWith, 'all')
    const text = snippets.find((one) => one.text.includes(`kind: ${kind}\n`))?.text ?? ''
    const { status, stderr } = await apply([text.replace(field, `${field}s`)])
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${field}s`)])
  },
  300_000,
)

/** As `kubectl apply` would, with nothing made; a field that the schema does not have is an error. */
async function apply(texts: readonly string[]): Promise<Ended> {
  const file = join(folder, 'policies.yaml')
  writeFileSync(file, texts.join('\n---\n'))
  return end(['kubectl', 'apply', '--dry-run=server', '--validate=strict', '-f', file])
}
