/** Who logs in where: what is handed to a store, whole. */
export interface Login {
  /** `harbor.example.com`, as it stands before the repository of an image. */
  readonly registry: string
  readonly username: string
  readonly password: string
}

/** A place that keeps a login for others. */
export interface SecretStore {
  /** For messages and plans: `GitHub secret DOCKER_AUTH_CONFIG of acme/app`. Never the value. */
  readonly name: string
  /** Whether it could be written to, before anything depends on it. Throws when it could not. */
  check(): Promise<void>
  /** Puts the login there, and sees that it is kept, as far as the store tells. */
  put(login: Login): Promise<void>
}

/** Credentials as Docker, podman, Kubernetes and our own tasks (`DOCKER_AUTH_CONFIG`) read them: one value, so that name and password never part. */
export function dockerConfig({ registry, username, password }: Login): {
  readonly auths: Readonly<Record<string, { readonly auth: string }>>
} {
  return { auths: { [registry]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }
}
