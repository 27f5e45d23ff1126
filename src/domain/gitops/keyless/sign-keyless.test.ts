import { spawnSync } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { fakeClock } from '../../../../test/fakes/clock.ts'
import { startFakeCloud, unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakeFulcio } from '../../../../test/fakes/fulcio.ts'
import { fakeRekor1 } from '../../../../test/fakes/rekor.ts'
import type { LogEntry } from '../../sigstore/formats/material.ts'
import { der, objectIdentifier, octets, utcTime } from './der.ts'
import { encodeLogEntry } from './log-entry.ts'
import { keylessSigning } from './sign-keyless.ts'

const [authority, log] = ['https://fulcio.example.com', 'https://rekor.example.com']
const commit = Buffer.from('tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor a <a@b> 0 +0000\ncommitter a <a@b> 0 +0000\n\nhello\n')

async function signed(what: Buffer) {
  const clock = fakeClock()
  const rekor = fakeRekor1(log, clock.now)
  await using cloud = await startFakeCloud([fakeFulcio({ origin: authority, now: clock.now }).service, rekor.service], { clock })
  const token = async (): Promise<string> =>
    unsignedJwt({ iss: 'https://issuer.example.com', sub: 'https://github.com/acme/app', exp: Math.floor(clock.now() / 1000) + 300 })
  const signing = keylessSigning({
    ...{ services: { authority, logs: [{ url: log, version: 1 }], timestamps: [] }, token },
    ports: { http: cloud.http, now: clock.now, patience: 10_000 },
  })
  return { armour: await signing.sign(what), entries: rekor.entries }
}

/** The certificate of the signer, where OpenSSL takes a signature over bytes, whoever the certificate is by. */
function verifiedByOpenssl(armour: string, content: Buffer): X509Certificate | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sw-cms-'))
  const [signature, data, signer] = [join(folder, 'signature.pem'), join(folder, 'data'), join(folder, 'signer.pem')]
  writeFileSync(signature, armour.replaceAll('SIGNED MESSAGE', 'CMS'))
  writeFileSync(data, content)
  const args = ['cms', '-verify', '-binary', '-noverify', '-inform', 'PEM', '-in', signature, '-content', data, '-signer', signer]
  try {
    const { status } = spawnSync('openssl', [...args, '-out', join(folder, 'out')])
    return status === 0 ? new X509Certificate(readFileSync(signer)) : undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a commit is signed by the identity of the run, and OpenSSL verifies it', async () => {
  const { armour } = await signed(commit)
  expect(armour).toMatch(/^-----BEGIN SIGNED MESSAGE-----\n(?:[\w+/=]{1,64}\n)+-----END SIGNED MESSAGE-----\n$/)
  expect(verifiedByOpenssl(armour, commit)?.subjectAltName).toContain('URI:https://github.com/acme/app')
  expect(verifiedByOpenssl(armour, Buffer.concat([commit, Buffer.from('!')]))).toBeUndefined()
})

test('what is in the log is the signature over its attributes, and the entry stands beside it', async () => {
  const { armour, entries } = await signed(commit)
  expect(entries).toHaveLength(1)
  const bytes = Buffer.from(armour.replaceAll(/-----.*-----|\n/g, ''), 'base64')
  // The attribute in which gitsign looks for the entry, and the digest of the commit among the signed ones.
  expect(bytes.includes(objectIdentifier('1.3.6.1.4.1.57264.3.1'))).toBe(true)
  expect(bytes.includes(octets(createHash('sha256').update(commit).digest()))).toBe(true)
})

test('a log of version 2 is refused before anything is asked', () => {
  const services = { authority, logs: [{ url: log, version: 2 }], timestamps: ['https://tsa.example.com'] } as const
  const ports = { http: { request: () => Promise.reject(new Error('asked')) }, now: Date.now, patience: 1 }
  expect(() => keylessSigning({ services, token: () => Promise.reject(new Error('asked')), ports })).toThrow(
    expect.objectContaining({ code: 'SW-GITOPS-SIGNING' }),
  )
})

test.each([
  ['a long value', der(0x04, Buffer.alloc(300)).subarray(0, 4), '0482012c'],
  ['a number of several bytes in a name', objectIdentifier('1.2.840.113549.1.7.2'), '06092a864886f70d010702'],
  ['a time', utcTime(Date.UTC(2026, 0, 2, 3, 4, 5)), '170d3236303130323033303430355a'],
])('%s is written as DER has it', (_, bytes, expected) => expect(bytes.toString('hex')).toBe(expected))

const plain: LogEntry = {
  ...{ logIndex: '300', logId: { keyId: base64('id') }, kindVersion: { kind: 'k', version: 'v' } },
  ...{ integratedTime: '1', canonicalizedBody: 'eA==' },
}
const proven: LogEntry = {
  ...{ ...plain, inclusionPromise: { signedEntryTimestamp: base64('set') } },
  inclusionProof: {
    ...{ logIndex: '0', rootHash: base64('root'), treeSize: '70000', hashes: [base64('a'), base64('bb')], checkpoint: { envelope: 'env' } },
  },
}

// As google.golang.org/protobuf 1.36 writes dev.sigstore.rekor.v1.TransparencyLogEntry (protobuf-specs 0.5.1) with these fields.
test.each([
  ['an entry of a log', plain, '08ac0212040a0269641a060a016b1201762001'],
  [
    'one with its promise and its proof',
    proven,
    '08ac0212040a0269641a060a016b12017620012a050a0373657432181204726f6f7418f0a204220161220262622a050a03656e76',
  ],
])('%s is written as protocol buffers have it', (_, entry, expected) => expect(encodeLogEntry(entry).toString('hex')).toBe(expected))

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
