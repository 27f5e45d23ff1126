import type { Marker } from './marker.ts'

/** Where in a file an image is named: by what the file means, not by what it looks like. */
export type Address =
  /** An entry of `images` of a kustomization, by its `name`. */
  | { readonly kind: 'kustomize'; readonly image: string }
  /** A value of a Helm chart: a map with repository, tag and digest, or one of these as text. `image`, `web.image.tag`. */
  | { readonly kind: 'helm'; readonly path: readonly string[] }
  /** The image of a container of a manifest. */
  | { readonly kind: 'manifest'; readonly resource: Resource; readonly container: string }
  /** A text in JSON or YAML (RFC 6901), as reference, tag or digest. */
  | { readonly kind: 'pointer'; readonly path: readonly string[]; readonly part: Part }

/** A place in a file of any kind, as `marker.ts` reads it. */
export interface MarkerAddress {
  readonly kind: 'marker'
  readonly marker: Marker
  readonly part: Part
}

/** A resource of Kubernetes; of one with a namespace only where that is given. */
export interface Resource {
  readonly kind: string
  readonly name: string
  readonly namespace?: string | undefined
}

/** What of an image a text holds: `repository:tag@digest`, `tag@digest`, or one of them. */
export type Part = 'reference' | 'version' | 'repository' | 'tag' | 'digest'

/** For people: `image web of images`, `Deployment web: container app`. */
export function describeAddress(address: Address): string {
  switch (address.kind) {
    case 'kustomize':
      return `images: ${address.image}`
    case 'helm':
      return address.path.join('.')
    case 'manifest': {
      const { kind, name, namespace } = address.resource
      return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}: container ${address.container}`
    }
    case 'pointer':
      return `/${address.path.join('/')}`
  }
}
