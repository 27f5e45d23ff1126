import { expect, test } from '@jest/globals'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { publicServices } from '../../domain/sigstore/services/signing-config.ts'
import { recorded } from '../../domain/sigstore/verify/real.fake.ts'
import type { InputOf } from '../../spec/define.ts'
import { policiesFor, policyBlocks, type Signed } from './policies.ts'
import type { task } from './task.ts'

const trusting = { publicKey: recorded('cosign.pub').toString() }
const keyed: Signed = {
  signer: { trusting },
  signatures: [
    { image: 'r.test/app', format: 'bundle' },
    { image: 'r.test/app', format: 'legacy' },
    { image: 'r.test/other', format: 'bundle' },
  ],
}
const keyless: Signed = {
  signer: { trusting: { identity: 'me', issuer: 'https://issuer.test' }, services: publicServices },
  signatures: [{ image: 'r.test/app', format: 'bundle' }],
}
const root = `${import.meta.dirname}/../../domain/sigstore/verify/fixtures/trusted-root.json`

async function made(signed: Signed, given: Partial<InputOf<typeof task>>, environment: Record<string, string> = {}) {
  const { ports } = fakePorts({ environment })
  const input = { policies: 'all', annotations: {}, ...given } as InputOf<typeof task>
  return policiesFor(signed, input, { ...ports, record: {} })
}
const texts = ({ snippets }: Awaited<ReturnType<typeof made>>): string => snippets.map(({ text }) => text).join('')

test('every repository that was signed, each once, with the key and without a log', async () => {
  const policies = await made(keyed, {})
  expect(policies.snippets.map(({ title }) => title)).toHaveLength(5)
  expect(texts(policies)).toContain('r.test/other@*')
  expect(texts(policies)).toContain(trusting.publicKey.trim().split('\n')[1])
  expect(texts(policies)).not.toContain('rekor.sigstore.dev')
})

test('by an identity, the public instance is what vouches where nothing else is named', async () => {
  expect(texts(await made(keyless, {}))).toContain('https://rekor.sigstore.dev')
})

test('a Sigstore of one’s own comes with the trusted root of the environment', async () => {
  const services = { authority: 'https://fulcio.test', logs: [{ url: 'https://rekor.test', version: 1 as const }], timestamps: [] }
  const policies = await made({ ...keyless, signer: { ...keyless.signer, services } }, {}, { SIGSTORE_TRUSTED_ROOT: root })
  expect(texts(policies)).toContain('https://rekor.test')
  expect(texts(policies)).toContain('vnd.dev.sigstore.trustedroot')
})

test('none, unless asked for', async () => {
  expect(await made(keyed, { policies: 'none' })).toEqual({ snippets: [], lacking: [] })
})

test('what no program can check is a sentence', async () => {
  const blocks = policyBlocks(await made(keyless, { policies: 'containers' }))
  expect(blocks).toEqual([{ kind: 'text', text: expect.stringMatching(/^podman, CRI-O and skopeo: .*\.$/) }])
})
