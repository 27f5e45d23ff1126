import * as v from 'valibot'

const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/))
const count = v.pipe(v.string(), v.regex(/^\d{1,20}$/))
const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]*$/))
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const address = v.pipe(v.string(), v.url(), v.regex(/^https?:\/\//))

const service = v.object({
  url: address,
  majorApiVersion: v.pipe(v.number(), v.integer()),
  validFor: v.optional(v.object({ start: v.optional(v.string()), end: v.optional(v.string()) })),
  operator: v.optional(v.string(), ''),
})
const choice = v.optional(
  v.object({
    selector: v.optional(v.picklist(['ANY', 'ALL', 'EXACT', 'SERVICE_SELECTOR_UNDEFINED']), 'ANY'),
    count: v.optional(v.number(), 1),
  }),
  {},
)
const services = v.optional(v.pipe(v.array(service), v.maxLength(50)), [])

/** sigstore_trustroot.proto, SigningConfig. */
export const signingConfig = v.object({
  mediaType: v.literal('application/vnd.dev.sigstore.signingconfig.v0.2+json'),
  caUrls: services,
  rekorTlogUrls: services,
  rekorTlogConfig: choice,
  tsaUrls: services,
  tsaConfig: choice,
})
export type SigningConfig = v.InferOutput<typeof signingConfig>
export type Service = v.InferOutput<typeof service>

const chained = v.object({
  chain: v.object({ certificates: v.pipe(v.array(v.pipe(v.string(), v.maxLength(32_768))), v.minLength(2), v.maxLength(10)) }),
})

/** fulcio.proto, SigningCertificate: `detached` by an authority that enters its certificates in no log, as GitHub’s own. */
export const certificateAnswer = v.pipe(
  v.union([v.object({ signedCertificateEmbeddedSct: chained }), v.object({ signedCertificateDetachedSct: chained })]),
  v.transform((answer) =>
    'signedCertificateEmbeddedSct' in answer ? answer.signedCertificateEmbeddedSct : answer.signedCertificateDetachedSct,
  ),
)

/** What is read of an identity token: what the proof of possession is over (RFC 7519). */
export const tokenClaims = v.object({
  sub: v.pipe(v.string(), v.minLength(1)),
  email: v.optional(v.string()),
})

/** rekor.openapi, LogEntry of version 1: one entry under its UUID. */
export const entryAnswer = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64,80}$/)),
    v.object({
      body: base64,
      integratedTime: whole,
      logID: hex,
      logIndex: whole,
      verification: v.object({
        signedEntryTimestamp: base64,
        inclusionProof: v.object({
          checkpoint: v.string(),
          hashes: v.optional(v.array(hex), []),
          logIndex: whole,
          rootHash: hex,
          treeSize: whole,
        }),
      }),
    }),
  ),
  v.transform((entries) => Object.values(entries)),
  v.minLength(1),
)

/** sigstore_rekor.proto, TransparencyLogEntry, as version 2 answers. Zeros and empty lists may be left out. */
export const tileAnswer = v.object({
  logIndex: v.optional(count, '0'),
  logId: v.object({ keyId: base64 }),
  kindVersion: v.object({ kind: v.string(), version: v.string() }),
  inclusionProof: v.object({
    logIndex: v.optional(count, '0'),
    rootHash: base64,
    treeSize: count,
    hashes: v.optional(v.array(base64), []),
    checkpoint: v.object({ envelope: v.string() }),
  }),
  canonicalizedBody: base64,
})
