import * as v from 'valibot'

/** Of each list; the public root has two of most. */
const most = 100
/** In characters of base64: a key of RSA with 4096 bits has 800, a certificate with all its extensions seldom 4000. */
const mostEncoded = 16_384

const encoded = v.pipe(v.string(), v.minLength(1), v.maxLength(mostEncoded), v.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'expected base64'))
const date = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'expected a date'),
)
/** sigstore_common.proto, TimeRange: an end may be unknown yet, a start never is. */
const validFor = v.pipe(
  v.object({ start: date, end: v.optional(date) }),
  v.check(({ start, end }) => end === undefined || Date.parse(start) <= Date.parse(end), 'expected a start before the end'),
)

/** sigstore_common.proto, PublicKeyDetails: the names that are in use, with what such a key is. */
export const keyKinds: Readonly<Record<string, { readonly type: string; readonly curve?: string }>> = {
  PKIX_ECDSA_P256_SHA_256: { type: 'ec', curve: 'prime256v1' },
  PKIX_ECDSA_P384_SHA_384: { type: 'ec', curve: 'secp384r1' },
  PKIX_ECDSA_P521_SHA_512: { type: 'ec', curve: 'secp521r1' },
  PKIX_ED25519: { type: 'ed25519' },
  PKIX_ED25519_PH: { type: 'ed25519' },
  PKIX_RSA_PKCS1V15_2048_SHA256: { type: 'rsa' },
  PKIX_RSA_PKCS1V15_3072_SHA256: { type: 'rsa' },
  PKIX_RSA_PKCS1V15_4096_SHA256: { type: 'rsa' },
  // Deprecated, and still the key of a retired log of the staging instance.
  PKCS1_RSA_PKCS1V5: { type: 'rsa' },
}

const log = v.object({
  publicKey: v.object({
    rawBytes: encoded,
    keyDetails: v.pipe(
      v.string(),
      v.check((name) => Object.hasOwn(keyKinds, name), 'expected a type of key that is known'),
    ),
    validFor,
  }),
  logId: v.object({ keyId: encoded }),
  hashAlgorithm: v.optional(v.literal('SHA2_256')),
})
const authority = v.object({
  certChain: v.object({ certificates: v.pipe(v.array(v.object({ rawBytes: encoded })), v.minLength(1), v.maxLength(10)) }),
  validFor,
})
const several = <S extends v.GenericSchema>(schema: S) => v.optional(v.pipe(v.array(schema), v.maxLength(most)), [])

/** sigstore_trustroot.proto, TrustedRoot; what is checked here is what its reader leaves open. */
export const trustRootSchema = v.object({
  mediaType: v.pipe(v.string(), v.regex(/^application\/vnd\.dev\.sigstore\.trustedroot(?:\+json;version=0\.1|\.v0\.[12]\+json)$/)),
  tlogs: several(log),
  ctlogs: several(log),
  certificateAuthorities: several(authority),
  timestampAuthorities: several(authority),
})
export type TrustRootDocument = v.InferOutput<typeof trustRootSchema>
