import { sign, verify } from 'node:crypto'
import { describe, expect, test } from '@jest/globals'
import { pairs } from '../../../../test/fakes/kms-keys.ts'
import { crc32c } from './crc32c.ts'
import { derOfRaw } from './ecdsa-signature.ts'

describe('CRC-32C', () => {
  test.each([
    ['', 0],
    ['123456789', 0xe3069283],
    ['\0'.repeat(32), 0x8a9136aa],
    ['\xff'.repeat(32), 0x62a8ab43],
  ])('of %j is that of RFC 3720 appendix B.4', (text, expected) => expect(crc32c(Buffer.from(text, 'latin1'))).toBe(expected))
})

describe('a signature of r and s in a row', () => {
  test.each(['p256', 'p384', 'p521'] as const)('of %s is the same in DER, whatever zeros and high bits it begins with', (name) => {
    const { privateKey, publicKey } = pairs[name]
    for (let count = 0; count < 40; count += 1) {
      const data = Buffer.from(`data ${count}`)
      const raw = sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
      expect(verify('sha256', data, { key: publicKey, dsaEncoding: 'der' }, derOfRaw(raw))).toBe(true)
    }
  })

  test.each([
    ['0001', '3006020100020101'],
    ['8000', '300702020080020100'],
    ['00000102', '300702010002020102'],
  ])('%s is %s', (raw, der) => expect(derOfRaw(Buffer.from(raw, 'hex')).toString('hex')).toBe(der))
})
