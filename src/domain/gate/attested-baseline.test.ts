import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeIndex } from '../../../test/fakes/image.ts'
import { openRegistryScene, type RegistryScene } from '../../../test/fakes/registry-scene.ts'
import { copyFromLayout } from '../oci/copy.ts'
import type { Loaded } from '../oci/layout-blobs.ts'
import { scanFindings } from '../provenance/vulnerabilities.ts'
import { attachAttestation } from '../sigstore/attest/attach-attestation.ts'
import { parsePredicate } from '../sigstore/attest/predicate-file.ts'
import { imageSignaturePredicate, signatureStatement } from '../sigstore/formats/statement.ts'
import { signingKey } from '../sigstore/keys/private-key.ts'
import { attachBundle } from '../sigstore/sign/attach-bundle.ts'
import type { Format } from '../sigstore/sign/chosen-formats.ts'
import { keySigner } from '../sigstore/sign/signer.ts'
import type { Policy } from '../sigstore/verify/policy.ts'
import { attestedBaseline } from './attested-baseline.ts'
import { knownIn } from './baseline.ts'
import { finding } from './finding.fake.ts'
import type { ReportedFinding } from './scan-report.ts'

const now = Date.parse('2026-11-22T12:00:00Z')
const keyOf = (name: string) => signingKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, name)
const [own, other] = [keyOf('own'), keyOf('other')]
const policy: Policy = {
  ...{ signers: [{ kind: 'key', name: 'own', key: own.public }], roots: [], threshold: 1, log: 'never', require: [] },
}

let scene: RegistryScene
let image: Loaded
beforeEach(async () => {
  scene = await openRegistryScene()
  image = await writeIndex(scene.layout)
  await copyFromLayout(scene.layout, image.descriptor.digest, scene.repository)
})
afterEach(() => scene.close())

const reported = (id: string): ReportedFinding => ({ id, aliases: [], purl: 'pkg:npm/a@1.0.0', state: 'affected', level: 'high' })

interface Given {
  readonly by?: typeof own
  readonly large?: boolean
  readonly format?: Format
  readonly finished?: string
}

/** Attests that a scan has found these vulnerabilities. */
async function attest(
  ids: readonly string[],
  { by = own, large = false, format = 'bundle', finished = '2026-11-20T00:00:00Z' }: Given = {},
) {
  const said = scanFindings(ids.map(reported), { databaseDate: '2026-11-20T00:00:00Z', finished })
  const predicate = parsePredicate(Buffer.from(JSON.stringify(said)), { type: 'vulns', where: 'the test' })
  return attachAttestation(scene.repository, image.descriptor, { predicate, formats: [format], large, signer: keySigner(by), now })
}

async function sign(by = own): Promise<void> {
  const { digest } = image.descriptor
  const signature = { payload: signatureStatement(digest), predicateType: imageSignaturePredicate, signer: keySigner(by), now }
  await attachBundle(scene.repository, image.descriptor, signature)
}

const read = () => attestedBaseline(scene.later(), image.descriptor.digest, { policy, now })
const idsIn = async (): Promise<readonly string[]> => (await read()).findings.flatMap(({ names }) => names)

describe('findings that are attested', () => {
  test.each<readonly [string, Given]>([
    ['in a bundle', {}],
    ['under the tag .att', { format: 'legacy' }],
    ['by a reference to a document beside the image', { large: true }],
  ])('are read %s', async (_, given) => {
    await sign()
    await attest(['CVE-2', 'CVE-1'], given)
    const baseline = await read()
    expect([baseline.origin, baseline.findings.map(({ names }) => names)]).toEqual([
      `${scene.repository.name}@${image.descriptor.digest}`,
      [['CVE-1'], ['CVE-2']],
    ])
    expect(knownIn(baseline)(finding({ id: 'CVE-1', purl: 'pkg:npm/a@2.0.0' }))).toBe(true)
  })

  test('are those of the newest scan', async () => {
    await sign()
    await attest(['CVE-2'], { finished: '2026-11-21T00:00:00Z' })
    await attest(['CVE-1'])
    expect(await idsIn()).toEqual(['CVE-2'])
  })

  test('are those of the signer that is trusted, whatever others attach', async () => {
    await sign()
    await attest(['CVE-1'])
    await attest(['CVE-2'], { by: other, finished: '2026-11-21T00:00:00Z' })
    expect(await idsIn()).toEqual(['CVE-1'])
  })

  test('of nothing are a baseline without findings', async () => {
    await sign()
    await attest([])
    expect(await idsIn()).toEqual([])
  })
})

describe('no baseline', () => {
  const codeOf = (): Promise<unknown> => read().catch((error: unknown) => error)
  test.each<readonly [string, () => Promise<unknown>, string]>([
    ['is an image that nobody signed', () => attest(['CVE-1']), 'SW-GATE-BASELINE-UNTRUSTED'],
    ['is what somebody else attested', () => sign().then(() => attest(['CVE-1'], { by: other })), 'SW-GATE-BASELINE-UNTRUSTED'],
    ['is an image that somebody else signed', () => sign(other).then(() => attest(['CVE-1'])), 'SW-GATE-BASELINE-UNTRUSTED'],
    ['is there where nothing is attested', () => sign(), 'SW-GATE-BASELINE-MISSING'],
  ])('%s', async (_, make, code) => {
    await make()
    expect(await codeOf()).toMatchObject({ code })
  })

  test('is a report of another scanner: it names no packages', async () => {
    await sign()
    const foreign = { scanner: { uri: 'https://example.com', db: { lastUpdate: '2026-11-20T00:00:00Z' }, result: [{ id: 'CVE-1' }] } }
    const times = { metadata: { scanStartedOn: '2026-11-20T00:00:00Z', scanFinishedOn: '2026-11-20T00:00:00Z' } }
    const predicate = parsePredicate(Buffer.from(JSON.stringify({ ...foreign, ...times })), { type: 'vulns', where: 'the test' })
    await attachAttestation(scene.repository, image.descriptor, {
      predicate,
      formats: ['bundle'],
      large: false,
      signer: keySigner(own),
      now,
    })
    expect(await codeOf()).toMatchObject({ code: 'SW-GATE-BASELINE-UNTRUSTED', message: expect.stringContaining('names no packages') })
  })

  test('is there where the registry has no such image', async () => {
    const failure = await attestedBaseline(scene.later(), 'nowhere', { policy, now }).catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'SW-GATE-BASELINE-MISSING' })
  })
})

test('the findings of 5,000 packages are less than what a log of version 1 takes', () => {
  const lots = Array.from({ length: 5000 }, (_, at) => ({
    ...reported(`CVE-2026-${at}`),
    purl: `pkg:deb/debian/libsomething-${at}@1.2.3-4%2Bdeb12u${at}`,
    score: 7.5,
  }))
  const json = JSON.stringify(scanFindings(lots, { databaseDate: '2026-11-20T00:00:00Z', finished: '2026-11-20T00:00:00Z' }))
  expect(json.length).toBeLessThan(1.1e6)
})
