import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty(), v.maxLength(64 * 1024))
const base64 = v.pipe(
  text,
  v.base64(),
  v.transform((value) => Buffer.from(value, 'base64')),
)
const base64url = v.pipe(
  text,
  v.regex(/^[A-Za-z0-9_-]+=*$/),
  v.transform((value) => Buffer.from(value, 'base64url')),
)

/** Vault: the token service’s answer to a login. */
export const VaultLogin = v.object({ auth: v.object({ client_token: text }) })

/** Vault transit, `read keys/:name`. The keys of ciphers are numbers, those of signatures have a public half. */
export const VaultKey = v.object({
  data: v.object({
    type: text,
    derived: v.optional(v.boolean(), false),
    latest_version: v.pipe(v.number(), v.integer(), v.minValue(1)),
    keys: v.record(v.string(), v.union([v.number(), v.object({ public_key: v.optional(v.string(), '') })])),
  }),
})

/** Vault transit, `sign/:name`. */
export const VaultSignature = v.object({ data: v.object({ signature: text }) })
export const VaultRefusal = v.object({ errors: v.array(v.string()) })

/** AWS KMS, GetPublicKey. */
export const AwsPublicKey = v.object({
  KeyId: text,
  PublicKey: base64,
  KeyUsage: text,
  KeySpec: v.optional(text, 'an unknown specification'),
  SigningAlgorithms: v.optional(v.array(text), []),
})

/** AWS KMS, Sign. */
export const AwsSignature = v.object({ KeyId: text, Signature: base64 })
export const AwsRefusal = v.object({
  __type: v.optional(v.string(), ''),
  message: v.optional(v.string()),
  Message: v.optional(v.string()),
})

/** Numbers of 64 bits are texts in Google’s JSON. */
const checksum = v.pipe(text, v.regex(/^\d{1,10}$/), v.transform(Number))

/** Cloud KMS, `cryptoKeyVersions.list`. */
export const GcpVersions = v.object({
  cryptoKeyVersions: v.optional(v.array(v.object({ name: text })), []),
  nextPageToken: v.optional(v.string(), ''),
})

/** Cloud KMS, `cryptoKeyVersions.getPublicKey`. */
export const GcpPublicKey = v.object({ name: text, pem: text, pemCrc32c: checksum, algorithm: text })

/** Cloud KMS, `cryptoKeyVersions.asymmetricSign`. */
export const GcpSignature = v.object({
  name: text,
  signature: base64,
  signatureCrc32c: checksum,
  verifiedDigestCrc32c: v.optional(v.boolean(), false),
  verifiedDataCrc32c: v.optional(v.boolean(), false),
})
export const GcpRefusal = v.object({
  error: v.object({ message: v.optional(v.string()), status: v.optional(v.string()) }),
})

/** Azure Key Vault, a key: RFC 7517, with `-HSM` behind the type of one in a module. */
export const AzureKey = v.object({
  key: v.object({
    kid: v.pipe(text, v.url()),
    kty: text,
    crv: v.optional(text),
    x: v.optional(text),
    y: v.optional(text),
    n: v.optional(text),
    e: v.optional(text),
    key_ops: v.optional(v.array(v.string())),
  }),
  attributes: v.optional(
    v.object({ enabled: v.optional(v.boolean(), true), nbf: v.optional(v.number()), exp: v.optional(v.number()) }),
    {},
  ),
})

/** Azure Key Vault, `sign`. */
export const AzureSignature = v.object({ kid: text, value: base64url })
export const AzureRefusal = v.object({
  error: v.object({
    code: v.optional(v.string()),
    message: v.optional(v.string()),
    innererror: v.optional(v.object({ code: v.optional(v.string()) })),
  }),
})
