import { createPublicKey } from 'node:crypto'
import { expect, it } from '@jest/globals'
import { openBox, rawOf, secretKey } from '../../../test/fakes/github-secrets.ts'
import { sealBox } from './sealed-box.ts'

/** The key whose bytes are 0 to 31. */
const key = secretKey(Buffer.from(Array.from({ length: 32 }, (_, place) => place)))
const publicKey = rawOf(createPublicKey(key))

/** Sealed by libsodium (PyNaCl 1.6.2) for that key: what opens them opens ours. */
const ofLibsodium = [
  ['', 'pkbxMhcc2RX1wahw7Jnwc2AwAGYcN/XdGiOPPYBlAGbi7rytzxtAtLr42NWxOctl'],
  ['secret of a robot: ü', 'SpDKaJe+Q3OavWyhZjQ1uslLslledwO+ZCyJNYp3yUx65/aBxnkCKhhgjs/Dkhhb2x90/CM4uw0H8hm7t/rytnFpKLZe'],
  [
    'x'.repeat(100),
    'iBt+gzPRS3+YBKwwcKtsxSGZyJZKxEEjkJj7JZEQ2BpSXLwDZvTjB4snhkoPHSpqRHN9aDuupjG4Grs4kWS/ZBnzBokEH2oDxP3IWLsTk/d7k99f38tHmOvu7g2DfAQ086sTaYyxLmufCZExU3zsndpH0ur5WZIkMlXFilbRtPM99naoubFhiinFCEHPbwQmN2B+lw==',
  ],
] as const

it.each(ofLibsodium)('libsodium seals %j as this opens it', (message, sealed) => {
  expect(publicKey.toString('base64')).toBe('j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8=')
  expect(openBox(Buffer.from(sealed, 'base64'), key).toString('utf8')).toBe(message)
})

it.each(['', 'hällo', 'x'.repeat(40_000)])('what is sealed opens the same way', async (message) => {
  const sealed = Buffer.from(await sealBox(Buffer.from(message), publicKey))
  expect(sealed).toHaveLength(Buffer.byteLength(message) + 48)
  expect(openBox(sealed, key).toString('utf8')).toBe(message)
})

it('a box is another each time', async () => {
  const [one, two] = await Promise.all([sealBox(Buffer.from('x'), publicKey), sealBox(Buffer.from('x'), publicKey)])
  expect(Buffer.from(one)).not.toEqual(Buffer.from(two))
})

it('a box whose bytes changed does not open', async () => {
  const sealed = Buffer.from(await sealBox(Buffer.from('x'), publicKey))
  for (const place of [0, 40, sealed.length - 1]) {
    const changed = Buffer.from(sealed)
    changed[place] = (changed[place] ?? 0) ^ 1
    expect(() => openBox(changed, key)).toThrow()
  }
})

it('a key that everybody agrees with is refused', async () => {
  await expect(sealBox(Buffer.from('x'), Buffer.alloc(32))).rejects.toThrow()
})
