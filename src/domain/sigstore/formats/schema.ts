import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(2 * 2 ** 20))

/** The parts of a bundle by which its writer knows it again (sigstore_bundle.proto, as JSON). */
const writtenBundle = v.object({
  verificationMaterial: v.object({
    publicKey: v.optional(v.object({ hint: text })),
    certificate: v.optional(v.object({ rawBytes: text })),
    tlogEntries: v.optional(v.array(v.unknown()), []),
    timestampVerificationData: v.optional(v.object({ rfc3161Timestamps: v.optional(v.array(v.unknown()), []) })),
  }),
  dsseEnvelope: v.object({ payload: text, payloadType: text, signatures: v.pipe(v.array(v.object({ sig: text })), v.minLength(1)) }),
})

/** A bundle as far as its writer needs it; undefined for what is none, or holds no envelope. */
export function parseWrittenBundle(bytes: Uint8Array): v.InferOutput<typeof writtenBundle> | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), writtenBundle), Buffer.from(bytes).toString('utf8'))
  return parsed.success ? parsed.output : undefined
}
