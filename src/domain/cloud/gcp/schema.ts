import * as v from 'valibot'

const text = v.pipe(v.string(), v.nonEmpty())

const Format = v.optional(v.object({ type: v.picklist(['text', 'json']), subject_token_field_name: v.optional(text) }), { type: 'text' })

/** What GOOGLE_APPLICATION_CREDENTIALS may name (AIP-4112, AIP-4117). */
export const CredentialFile = v.variant('type', [
  v.object({
    type: v.literal('external_account'),
    audience: text,
    subject_token_type: text,
    token_url: text,
    service_account_impersonation_url: v.optional(text),
    credential_source: v.object({
      file: v.optional(text),
      url: v.optional(text),
      headers: v.optional(v.record(v.string(), v.string()), {}),
      format: Format,
    }),
  }),
  v.object({
    type: v.literal('service_account'),
    client_email: text,
    private_key: text,
    private_key_id: v.optional(text),
    token_uri: text,
  }),
  v.object({ type: v.literal('authorized_user'), client_id: text, client_secret: text, refresh_token: text }),
])
export type CredentialFile = v.InferOutput<typeof CredentialFile>
export type ExternalAccount = Extract<CredentialFile, { type: 'external_account' }>
export type ServiceAccount = Extract<CredentialFile, { type: 'service_account' }>
export type AuthorizedUser = Extract<CredentialFile, { type: 'authorized_user' }>

/** RFC 6749 §5.1, also of the metadata server and the security token service. */
export const TokenAnswer = v.object({ access_token: text, expires_in: v.number() })

/** IAM Credentials API, generateAccessToken. */
export const ImpersonationAnswer = v.object({ accessToken: text, expireTime: v.pipe(v.string(), v.isoTimestamp()) })
