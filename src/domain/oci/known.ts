import type { Digest } from '../../base/digest.ts'
import type { Http } from '../../spec/ports.ts'
import { Sending } from './sending.ts'
import { Turns } from './turns.ts'

/** What a run has learned of one registry. Nothing in it depends on who asked: no token, no right. */
export interface Known {
  /** Repositories that have a blob. */
  readonly blobs: Map<Digest, Set<string>>
  /** Warnings shown. */
  readonly warned: Set<string>
  /** Work on one thing that must not be done twice at once. */
  readonly turns: Turns
  /** Who sends blobs to it. */
  readonly sending: Sending
  /** Whether it answers without TLS; unknown until it was asked, and did. */
  speaksHttp?: boolean
  /** Whether it takes several tags in one request; unknown until it was tried. */
  takesTags?: boolean
  /** Whether it has no list of referrers, as far as its last answer tells; what it says to a manifest counts. */
  lacksReferrers?: boolean
  /** Whether it is a Harbor; unknown until it was asked, and why where that gave no answer. */
  isHarbor?: boolean | Error
}

/** Belongs to the connections, and goes with them: the tasks of one run share them, two runs do not. */
const byConnections = new WeakMap<Http, Map<string, Known>>()

/** What is known of a registry over these connections, whatever task learned it. */
export function knownOf(http: Http, registry: string): Known {
  const registries = byConnections.get(http) ?? new Map<string, Known>()
  byConnections.set(http, registries)
  const known = registries.get(registry) ?? { blobs: new Map(), warned: new Set(), turns: new Turns(), sending: new Sending(registry) }
  registries.set(registry, known)
  return known
}

interface Place {
  readonly path: string
  readonly known: Known
}

/** Notes that a repository has a blob: it need not be looked for again, and is a source for mounts. */
export function remember({ path, known }: Place, digest: Digest): void {
  known.blobs.set(digest, (known.blobs.get(digest) ?? new Set()).add(path))
}

/** A registry said that it does not have the blob after all. */
export function forget({ path, known }: Place, digest: Digest): void {
  known.blobs.get(digest)?.delete(path)
}

/** Whether the repository has a blob, as far as this run has seen. */
export function isKnown({ path, known }: Place, digest: Digest): boolean {
  return known.blobs.get(digest)?.has(path) === true
}

/** Another repository of the registry that has a blob. */
export function otherPath({ path, known }: Place, digest: Digest): string | undefined {
  return [...(known.blobs.get(digest) ?? [])].find((other) => other !== path)
}
