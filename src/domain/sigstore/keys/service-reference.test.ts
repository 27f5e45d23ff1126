import { describe, expect, test } from '@jest/globals'
import { parseServiceReference } from './service-reference.ts'

const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
const arn = `arn:aws:kms:us-east-2:111122223333:key/${id}`
const gcp = 'projects/acme-prod/locations/europe-west1/keyRings/release/cryptoKeys/app'

describe('a key reference', () => {
  test.each([
    ['hashivault://app', { service: 'hashivault', key: 'app' }],
    ['hashivault://app.release-1/versions/12', { service: 'hashivault', key: 'app.release-1', version: 12 }],
    [`awskms:///${id}`, { service: 'awskms', key: id }],
    [`awskms:///mrk-${'0a'.repeat(16)}`, { service: 'awskms', key: `mrk-${'0a'.repeat(16)}` }],
    ['awskms:///alias/release/app', { service: 'awskms', key: 'alias/release/app' }],
    [`awskms:///${arn}`, { service: 'awskms', key: arn, region: 'us-east-2' }],
    [
      'awskms:///arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/app',
      { service: 'awskms', key: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/app', region: 'us-gov-west-1' },
    ],
    ['awskms://localhost:4566/alias/app', { service: 'awskms', host: 'localhost:4566', key: 'alias/app' }],
    [
      `awskms://kms.us-east-2.amazonaws.com/${arn}`,
      { service: 'awskms', host: 'kms.us-east-2.amazonaws.com', key: arn, region: 'us-east-2' },
    ],
    [`gcpkms://${gcp}`, { service: 'gcpkms', key: gcp }],
    [`gcpkms://${gcp}/cryptoKeyVersions/3`, { service: 'gcpkms', key: gcp, version: '3' }],
    [`gcpkms://${gcp}/versions/3`, { service: 'gcpkms', key: gcp, version: '3' }],
    ['azurekms://acme.vault.azure.net/app', { service: 'azurekms', host: 'acme.vault.azure.net', key: 'app' }],
    [
      `azurekms://acme.vault.azure.net/app/${'0f'.repeat(16)}`,
      { service: 'azurekms', host: 'acme.vault.azure.net', key: 'app', version: '0f'.repeat(16) },
    ],
  ])('%s is read', (text, expected) => expect(parseServiceReference(text)).toEqual(expected))

  test.each(['cosign.key', './keys/hashivault', 'env://COSIGN_PRIVATE_KEY', '/run/secrets/cosign', 'C:\\keys\\cosign.key'])(
    '%s is of no key service',
    (text) => expect(parseServiceReference(text)).toBeUndefined(),
  )

  test.each([
    'hashivault://',
    'hashivault://a/b',
    'hashivault://../sys/seal',
    'hashivault://app/versions/0',
    'hashivault://app?x=y',
    'hashivault://app\nx',
    'awskms://alias/app',
    'awskms:///key',
    'awskms:///alias/',
    'awskms:///alias/a b',
    `awskms://user@evil.example/${id}`,
    `awskms://evil.example?x=/${id}`,
    'awskms:///arn:aws:s3:us-east-2:111122223333:key/x',
    'gcpkms://projects/p/locations/l/keyRings/r',
    `gcpkms://${gcp}/cryptoKeyVersions/0`,
    `gcpkms://${gcp}/cryptoKeyVersions/3:destroy`,
    `gcpkms://projects/../locations/l/keyRings/r/cryptoKeys/k`,
    'azurekms://acme.vault.azure.net',
    'azurekms://acme.vault.azure.net/a/b/c',
    'azurekms://acme.vault.azure.net/app/../../secrets',
    'azurekms://acme.vault.azure.net:444/app',
    `awskms:///alias/${'a'.repeat(3000)}`,
  ])('%j is none, and nobody is asked', (text) => {
    expect(() => parseServiceReference(text)).toThrow(expect.objectContaining({ code: 'SW-KEY-REFERENCE', exit: 2 }))
  })

  test.each([
    ['pkcs11:token=release;object=app', 'native library'],
    ['k8s://release/cosign', 'mount the secret'],
    ['gitlab://acme/app', 'env://'],
    ['https://example.com/cosign.pub', undefined],
  ])('%s is refused, with what to do instead', (text, hint) => {
    expect(() => parseServiceReference(text)).toThrow(
      expect.objectContaining({ code: 'SW-KEY-REFERENCE', hint: hint === undefined ? undefined : expect.stringContaining(hint) }),
    )
  })
})
