import { kmsEnvironment } from '../kms/environment.ts'

/** Variables that may hold a key. */
export const keyVariables = ['COSIGN_PRIVATE_KEY', 'COSIGN_PUBLIC_KEY'] as const

/** Variables that a task which takes a reference declares, beside those of registries. */
export const keyEnvironment = [...keyVariables, 'COSIGN_PASSWORD', ...kmsEnvironment] as const

/** The same for one that takes references to public keys only. */
export const publicKeyEnvironment = ['COSIGN_PUBLIC_KEY', ...kmsEnvironment] as const
