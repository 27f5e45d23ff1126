import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { sha256 } from '../../base/digest.ts'
import { pushArtifact } from '../../domain/oci/artifact.ts'
import type { Manifest } from '../../domain/oci/types.ts'
import { bundleManifest, emptyBlob } from '../../domain/sigstore/formats/bundle.ts'
import type { Http } from '../../spec/ports.ts'
import { emptyRecord } from '../../spec/record/record.ts'
import { address, client, start, stop, verify } from './scene.fake.ts'

beforeAll(start)
afterAll(stop)

let count = 0
describe('by certificate, with a trusted root', () => {
  const fixtures = join(import.meta.dirname, '../../domain/sigstore/verify/fixtures')
  const identity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'
  const given = { identity, issuer: 'http://127.0.0.1:45069/github', 'trusted-root': join(fixtures, 'trusted-root.json') }

  /** What cosign 3.1 signed once at the lab's Sigstore. */
  async function recordedImage(bundle: string): Promise<string> {
    const { manifest, blobs } = JSON.parse(readFileSync(join(fixtures, 'image.json'), 'utf8')) as { manifest: string; blobs: string[] }
    const content = JSON.parse(Buffer.from(manifest, 'base64').toString()) as Manifest & { mediaType: string }
    count += 1
    const repository = client.connect(address).repository(`recorded/app-${count}`)
    const { descriptor } = await pushArtifact(repository, { manifest: content, blobs: blobs.map((one) => Buffer.from(one, 'base64')) })
    const bytes = readFileSync(join(fixtures, bundle))
    const about = { subject: descriptor, predicateType: 'unsigned words', created: '2026-01-01T00:00:00Z' }
    await pushArtifact(repository, {
      manifest: bundleManifest({ ...about, bundle: { digest: sha256(bytes), size: bytes.length } }),
      blobs: [bytes, emptyBlob.bytes],
    })
    return `${repository.name}@${descriptor.digest}`
  }

  test('nothing is asked of anybody but the registry', async () => {
    const image = await recordedImage('rekor-v2.json')
    const hosts = new Set<string | undefined>()
    const http: Http = {
      request: (request) => {
        hosts.add(URL.parse(request.url)?.host)
        return client.ports.http.request(request)
      },
    }
    const outcome = await verify({ image, ...given }, emptyRecord, http)
    expect(outcome.failure).toBeUndefined()
    expect(outcome.outputs.get('signer')).toBe(identity)
    expect([...hosts]).toEqual([address])
  })

  test('the identity may be described by an expression, when it is called one', async () => {
    const { identity: _, ...others } = given
    const image = await recordedImage('rekor-v2.json')
    const verdictBy = async (expression: string) =>
      (await verify({ image, ...others, 'identity-regexp': expression })).outputs.get('verdict')
    expect(await verdictBy('https://github\\.com/acme/.+@refs/heads/main')).toBe('pass')
    expect(await verdictBy('https://github\\.com/acme/')).toBe('fail')
    const anybody = await verify({ image, ...others, 'identity-regexp': '.*' })
    expect(anybody.failure).toMatchObject({ code: 'SW-VERIFY-POLICY-INVALID', message: expect.stringContaining('no identity at all') })
  })

  test.each([
    ['main-evil.json', 'identity-mismatch'],
    ['expired.json', 'certificate-expired'],
    ['sbom.json', 'predicate-type'],
  ])('%s is refused: %s', async (bundle, code) => {
    expect((await verify({ image: await recordedImage(bundle), ...given })).failure).toMatchObject({
      exit: 3,
      message: expect.stringContaining(code),
    })
  })
})
