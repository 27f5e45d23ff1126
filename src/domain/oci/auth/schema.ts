import * as v from 'valibot'

const text = v.optional(v.string())

/** One entry under `auths` of Docker's or containers' configuration. */
export const AuthEntry = v.object({ auth: text, username: text, password: text, identitytoken: text, registrytoken: text })
export type AuthEntry = v.InferOutput<typeof AuthEntry>

/** `config.json` of Docker, `auth.json` of containers. Entries are checked when they are used: one broken one must not spoil the others. */
export const DockerConfig = v.object({
  auths: v.optional(v.record(v.string(), v.unknown()), {}),
  credHelpers: v.optional(v.record(v.string(), v.string()), {}),
  credsStore: text,
})
export type DockerConfig = v.InferOutput<typeof DockerConfig>

/** What `docker-credential-NAME get` prints. */
export const HelperAnswer = v.object({ Username: v.string(), Secret: v.pipe(v.string(), v.minLength(1)) })
export type HelperAnswer = v.InferOutput<typeof HelperAnswer>

/** What a token service answers (distribution, token authentication specification). Harbor sends an empty `access_token`. */
export const TokenAnswer = v.object({ token: text, access_token: text, expires_in: v.optional(v.number()) })
export type TokenAnswer = v.InferOutput<typeof TokenAnswer>
