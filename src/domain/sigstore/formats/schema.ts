import * as v from 'valibot'

const text = v.pipe(v.string(), v.maxLength(2 * 2 ** 20))
/** Whoever reads an envelope has bounded it: a statement may be large. */
const envelope = v.object({
  payload: v.string(),
  payloadType: text,
  signatures: v.pipe(v.array(v.object({ sig: text })), v.minLength(1)),
})

/** The parts of a bundle by which its writer knows it again (sigstore_bundle.proto, as JSON). */
const writtenBundle = v.object({
  verificationMaterial: v.object({
    publicKey: v.optional(v.object({ hint: text })),
    certificate: v.optional(v.object({ rawBytes: text })),
    tlogEntries: v.optional(v.array(v.unknown()), []),
    timestampVerificationData: v.optional(v.object({ rfc3161Timestamps: v.optional(v.array(v.unknown()), []) })),
  }),
  dsseEnvelope: envelope,
})

/** A bundle as far as its writer needs it; undefined for what is none, or holds no envelope. */
export function parseWrittenBundle(bytes: Uint8Array): v.InferOutput<typeof writtenBundle> | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), writtenBundle), Buffer.from(bytes).toString('utf8'))
  return parsed.success ? parsed.output : undefined
}

/** An envelope alone; undefined for what is none. */
export function parseWrittenEnvelope(bytes: Uint8Array): v.InferOutput<typeof envelope> | undefined {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), envelope), Buffer.from(bytes).toString('utf8'))
  return parsed.success ? parsed.output : undefined
}
