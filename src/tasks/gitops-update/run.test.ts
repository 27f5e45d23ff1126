import { sign as cryptoSign, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { Redactor } from '../../base/redact.ts'
import { createRepository, type Repository, runGit } from '../../domain/git/fixtures/repository.ts'
import { pushArtifact } from '../../domain/oci/artifact.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { createLayout } from '../../domain/oci/layout.ts'
import { connectRegistry, type Repository as ImageRepository } from '../../domain/oci/registry.ts'
import type { Descriptor } from '../../domain/oci/types.ts'
import { createRegistry } from '../../domain/registry/registry.ts'
import { bundleManifest, bundleMediaType, emptyBlob } from '../../domain/sigstore/formats/bundle.ts'
import { signatureStatement, statementPayload } from '../../domain/sigstore/formats/statement.ts'
import { preAuthEncoding } from '../../domain/sigstore/verify/evidence.ts'
import { systemClock } from '../../io/clock.ts'
import { createProcesses } from '../../io/process.ts'
import { type Listening, listen } from '../../io/server.ts'
import { createTransport } from '../../io/transport.ts'
import { execute, type Outcome } from '../../spec/execute.ts'
import { emptyRecord, type ReleaseRecord } from '../../spec/record/record.ts'
import { run } from './run.ts'
import { task } from './task.ts'

const stack = new AsyncDisposableStack()
let [folder, name]: string[] = []
let repository: Repository
let registry: Listening
let image: Descriptor
let place: ImageRepository
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' })
let update: (inputs?: Readonly<Record<string, string>>, record?: Partial<ReleaseRecord>) => Promise<Outcome>

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slipway-gitops-'))
  repository = createRepository({ files: { 'kustomization.yaml': 'images:\n  - name: app # ours\n' } })
  repository.git('config', 'core.bare', 'true')
  const { ports } = fakePorts({
    files: { workspace: folder, state: join(folder, '.slipway'), temporary: async (what) => join(folder ?? '', what) },
    source: { repository: 'https://example.com/app', commit: 'c0ffee', runUrl: 'https://example.com/run/1' },
  })
  const handler = await createRegistry({ root: join(folder, 'registry'), log: ports.log })
  registry = await listen(handler)
  const http = createTransport({ userAgent: 'test', clock: systemClock(), log: ports.log, signal: ports.signal })
  const layout = await createLayout(join(folder, 'layout'))
  image = (await writeImage(layout, ['one'])).descriptor
  name = `127.0.0.1:${registry.port}/team/app`
  place = connectRegistry(`127.0.0.1:${registry.port}`, { ...ports, http }).repository('team/app')
  await copyFromLayout(layout, image.digest, place, { tags: ['1.4.0'] })
  writeFileSync(join(folder, 'key.pub'), key.publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(join(folder, 'verify.yaml'), 'signers:\n  - key: key.pub\n')
  const environment = { PATH: process.env['PATH'] }
  const processes = createProcesses({ environment, workspace: folder, signal: ports.signal, log: ports.log, redactor: new Redactor() })
  update = (inputs = {}, record = {}) => {
    const given = { repository: repository.url, targets: 'kustomize kustomization.yaml app', digest: image.digest, ...inputs }
    return execute(
      { definition: task, load: async () => run },
      { inputs: new Map(Object.entries(given)), record: { ...emptyRecord, ...record }, ports: { ...ports, http, process: processes } },
    )
  }
  stack.use({ [Symbol.asyncDispose]: async () => http.close() })
})
afterEach(async () => {
  await registry.close()
  repository[Symbol.dispose]()
  rmSync(folder ?? '', { recursive: true, force: true })
})

/** Signs the image as a stranger finds it: a bundle that refers to it. */
async function sign(): Promise<void> {
  const payload = signatureStatement(image.digest)
  const sig = cryptoSign('sha256', preAuthEncoding(statementPayload, payload), key.privateKey).toString('base64')
  const dsseEnvelope = { payload: payload.toString('base64'), payloadType: statementPayload, signatures: [{ sig }] }
  const verificationMaterial = { publicKey: { hint: 'any' } }
  const bytes = Buffer.from(JSON.stringify({ mediaType: bundleMediaType, verificationMaterial, dsseEnvelope }))
  const about = { subject: image, predicateType: 'signature', created: '2026-01-01T00:00:00Z' }
  await pushArtifact(place, {
    manifest: bundleManifest({ ...about, bundle: { digest: sha256(bytes), size: bytes.length } }),
    blobs: [bytes, emptyBlob.bytes],
  })
}

const pushed = (tags: readonly string[] = ['1.4.0']) => ({ pushes: [{ image: name ?? '', digest: image.digest, tags: [...tags] }] })
const head = (): string => repository.git('rev-parse', 'main')

describe('the image of the record', () => {
  test('is written with the tag that push has moved, and the commit is in the record', async () => {
    const outcome = await update({}, pushed())
    expect(outcome.failure).toBeUndefined()
    expect(Object.fromEntries(outcome.outputs)).toEqual({ commit: head(), branch: 'main', changed: 'true', 'pull-request': '' })
    expect(outcome.record.gitops).toEqual({ repository: repository.url, branch: 'main', commit: head(), digest: image.digest })
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).toBe(
      `images:\n  - name: app # ours\n    newName: ${name}\n    newTag: 1.4.0\n    digest: ${image.digest}`,
    )
    expect(repository.git('log', '-1', '--format=%s%n%b')).toContain('Deploy app:1.4.0\n')
    expect(repository.git('log', '-1', '--format=%b')).toContain(
      'Slipway-Source: https://example.com/app@c0ffee\nSlipway-Run: https://example.com/run/1',
    )
    expect(outcome.headline).toMatch(/^main · [0-9a-f]{12} · app:1\.4\.0 written$/)
    expect(outcome.summary.at(-1)).toMatchObject({ title: 'Places', rows: [['kustomization.yaml: images: app', '', 'written']] })
  })

  test('is written once', async () => {
    const first = await update({}, pushed())
    const again = await update({}, pushed())
    expect(Object.fromEntries(again.outputs)).toEqual({ ...Object.fromEntries(first.outputs), changed: 'false' })
    expect(again.headline).toMatch(/has it already$/)
  })

  test('is written with the tag that was moved behind the verification', async () => {
    const tags = [{ image: name ?? '', digest: image.digest, tags: ['1.4.0'] }]
    expect((await update({}, { ...pushed([]), tags })).failure).toBeUndefined()
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).toContain('newTag: 1.4.0\n')
  })

  test('needs no tag', async () => {
    expect((await update({}, pushed([]))).failure).toBeUndefined()
    expect(runGit(repository.folder, ['cat-file', 'blob', 'main:kustomization.yaml'])).not.toContain('newTag')
  })
})

describe('nothing is written', () => {
  const verified = (verdict: 'pass' | 'fail') => ({
    verifications: [{ subject: image.digest, image: name ?? '', verdict, reasons: [] }],
  })
  test.each<[string, Readonly<Record<string, string>>, () => Partial<ReleaseRecord>, string, number]>([
    ['when nobody says which repository', {}, () => ({}), 'SW-GITOPS-UNNAMED', 2],
    ['with a tag that is not there', { tag: '9.9.9' }, pushed, 'SW-GITOPS-TAG', 3],
    ['with a tag that is none', { tag: 'a b' }, pushed, 'SW-PUSH-TAG', 2],
    ['unless it is verified', { 'require-verified': 'true' }, pushed, 'SW-GITOPS-UNVERIFIED', 3],
    ['when it was refused', { 'require-verified': 'true' }, () => ({ ...pushed(), ...verified('fail') }), 'SW-GITOPS-UNVERIFIED', 3],
    ['unless a gate let it pass', { 'require-gate': 'true' }, pushed, 'SW-GATE-REFUSED', 3],
    ['at a place that is none', { targets: 'sed a b' }, pushed, 'SW-GITOPS-TARGET', 2],
    ['that does not meet the policy', { policy: 'verify.yaml' }, pushed, 'SW-GITOPS-UNTRUSTED', 3],
    ['by a policy that is not there', { policy: 'none.yaml' }, pushed, 'SW-FILE-MISSING', 2],
    ['as a pull request to a folder', { mode: 'pull-request' }, pushed, 'SW-FORGE-UNKNOWN', 2],
    ['by the API of nobody', { mode: 'api' }, pushed, 'SW-FORGE-UNKNOWN', 2],
    ['by an API without a token', { mode: 'api', repository: 'https://github.com/acme/deploy' }, pushed, 'SW-FORGE-DENIED', 4],
    ['with a passphrase of no key', { 'signing-passphrase': 'x' }, pushed, 'SW-INPUT-INVALID', 2],
    ['with a key that signs nothing', { 'signing-key': 'x' }, pushed, 'SW-GITOPS-SIGNING', 2],
    ['with a password for an address that takes none', { password: 'x' }, pushed, 'SW-SOURCE-REPOSITORY', 2],
  ])('%s', async (_, inputs, record, code, exit) => {
    const before = head()
    expect((await update(inputs, record())).failure).toMatchObject({ code, exit })
    expect(head()).toBe(before)
  })

  test('what meets the policy is written', async () => {
    await sign()
    expect((await update({ policy: 'verify.yaml' }, pushed())).failure).toBeUndefined()
  })

  test('verified it is', async () => {
    expect((await update({ 'require-verified': 'true' }, { ...pushed(), ...verified('pass') })).failure).toBeUndefined()
  })
})
