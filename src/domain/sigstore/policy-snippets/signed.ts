import type { Annotations } from '../formats/statement.ts'
import type { KeyAlgorithm } from '../keys/public-key.ts'
import { publicServices, type Services } from '../services/signing-config.ts'

/** What was signed and how, as far as others need it to ask for just that. */
export interface SignedWith {
  /** registry/repository of each image. */
  readonly images: readonly string[]
  readonly formats: readonly ('bundle' | 'legacy')[]
  readonly by: SignedByKey | { readonly identity: string; readonly issuer: string }
  /** Who vouches for it; absent where a key signed without a log. */
  readonly services?: Services | undefined
  /** Trusted root of a Sigstore of one's own, as its file has it. */
  readonly trustedRoot?: string | undefined
  readonly annotations: Annotations
}

export interface SignedByKey {
  /** PEM. */
  readonly publicKey: string
  readonly algorithm: KeyAlgorithm
}

/** A file for a program that admits images, by its name. */
export interface Snippet {
  /** `Kyverno: ImageValidatingPolicy`. */
  readonly title: string
  readonly kind: 'kubernetes' | 'policy.json' | 'registries.d'
  readonly text: string
}

/** What a program cannot check of what was signed, and why. */
export interface Lacking {
  readonly tool: string
  readonly why: string
}

export interface Snippets {
  readonly snippets: readonly Snippet[]
  readonly lacking: readonly Lacking[]
}

/** Patterns for every tag and digest of the images, and of no repository that only begins like one of them. */
export function patternsOf({ images }: SignedWith): readonly string[] {
  return images.flatMap((image) => [`${image}:*`, `${image}@*`])
}

/** In characters, so that the name has room for the kind of a policy behind it. */
const longestPath = 40

/** A name for a Kubernetes object (RFC 1123), from the first repository. */
export function objectName({ images: [first = ''] }: SignedWith): string {
  const path = first
    .slice(first.indexOf('/') + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
  return `signed-${path.slice(0, longestPath)}`.replace(/-+$/, '')
}

/** Whether the public instance vouches for it, which all of these programs know; another one they have to be told. */
export function isOfOwnSigstore({ services }: SignedWith): boolean {
  return services !== undefined && services.authority !== publicServices.authority
}

/** Address of the log of version 1, which is what these programs ask; undefined where there is none. */
export function logUrl({ services }: SignedWith): string | undefined {
  return services?.logs.find(({ version }) => version === 1)?.url
}
