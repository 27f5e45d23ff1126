import { expect, test } from '@jest/globals'
import { claimsOf } from './claims.ts'
import { certificateOf } from './evidence.ts'
import { recorded } from './real.fake.ts'

const certificateIn = (name: string) =>
  certificateOf(Buffer.from(JSON.parse(recorded(name).toString()).verificationMaterial.certificate.rawBytes, 'base64'))

test('what Fulcio writes for a workflow of GitHub', () => {
  expect(claimsOf(certificateIn('rekor-v2.json'))).toEqual({
    identity: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
    issuer: 'http://127.0.0.1:45069/github',
    repository: 'https://github.com/acme/app',
    repositoryName: 'acme/app',
    workflow: 'https://github.com/acme/app/.github/workflows/release.yml',
    ref: 'refs/heads/main',
    commit: '0123456789abcdef0123456789abcdef01234567',
    trigger: 'push',
    runner: 'github-hosted',
    runUrl: 'https://github.com/acme/app/actions/runs/4004/attempts/1',
  })
})

test('a certificate with the issuer alone', () => {
  expect(claimsOf(certificateIn('no-sct.json'))).toMatchObject({
    issuer: 'http://127.0.0.1:45069/github',
    repository: undefined,
    ref: undefined,
  })
})

test('a claim that is no UTF8String is refused, not guessed', () => {
  expect(() => claimsOf(certificateOf(recorded('issuer-ia5.pem').toString()))).toThrow('UTF8String')
})
