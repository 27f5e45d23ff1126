import type { Metadata, MetaFile, Root, Snapshot, Targets, Timestamp } from '@tufjs/models'
import { messageOf } from '../../../../base/errors.ts'
import { tufExpired, tufRefused } from './errors.ts'
import { readRoot, readSnapshot, readTargets, readTimestamp } from './read-metadata.ts'

type Signed = Root | Timestamp | Snapshot | Targets

export interface Terms {
  /** For messages: the address of the repository. */
  readonly where: string
  /** Milliseconds since 1970, fixed for the whole update (TUF specification, §5.1). */
  readonly now: number
  /** Whether what has expired is used all the same; it is told in `expired`. */
  readonly takeExpired: boolean
}

/**
 * Metadata of one repository as far as it is proven: each file is let in only if the ones before it vouch for it
 * (TUF specification, §5.3 to §5.6). Throws SW-TUF-REFUSED and SW-TUF-EXPIRED.
 */
export class TrustedMetadata {
  readonly #terms: Terms
  #root: Metadata<Root>
  #timestamp: Metadata<Timestamp> | undefined
  #snapshot: Metadata<Snapshot> | undefined
  readonly #targets = new Map<string, Metadata<Targets>>()
  readonly #expired = new Map<string, string>()

  /** `root` is trusted as it is, also when it has expired: whoever gives it vouches for it (§5.2). */
  constructor(root: Uint8Array, terms: Terms) {
    this.#terms = terms
    this.#root = readRoot(root, this.#name('root'))
    this.#requireSigned('root', this.#root, this.#root)
  }

  get root(): Root {
    return this.#root.signed
  }

  get snapshotFile(): MetaFile {
    return this.#final(this.#timestamp, 'timestamp').snapshotMeta
  }

  get snapshot(): Snapshot {
    return this.#final(this.#snapshot, 'snapshot')
  }

  /** Roles that have expired and are used all the same, with when. */
  get expired(): ReadonlyMap<string, string> {
    return this.#expired
  }

  targets(role: string): Targets | undefined {
    return this.#targets.get(role)?.signed
  }

  /** The next root: signed by the one before and by itself, and one version on (§5.3.4, §5.3.5). */
  updateRoot(bytes: Uint8Array): void {
    const next = readRoot(bytes, this.#name('root'))
    const expected = this.root.version + 1
    this.#requireSigned('root', this.#root, next)
    if (next.signed.version !== expected) throw this.#refused('root', `has the version ${next.signed.version}, expected ${expected}`)
    this.#requireSigned('root', next, next)
    this.#root = next
  }

  /** A timestamp; says whether it is newer than the one before (§5.3.10, §5.4). */
  updateTimestamp(bytes: Uint8Array): boolean {
    this.#requireValid('root', this.root)
    const next = readTimestamp(bytes, this.#name('timestamp'))
    this.#requireSigned('timestamp', this.#root, next)
    const before = this.#timestamp?.signed
    if (before !== undefined) {
      this.#requireNotOlder('timestamp', next.signed.version, before.version)
      if (next.signed.version === before.version) {
        this.#requireValid('timestamp', before)
        return false
      }
      this.#requireNotOlder('snapshot', next.signed.snapshotMeta.version, before.snapshotMeta.version)
    }
    this.#timestamp = next
    this.#requireValid('timestamp', next.signed)
    return true
  }

  /** The snapshot that the timestamp names; one that was kept has been compared with its digest before (§5.5). */
  updateSnapshot(bytes: Uint8Array, { kept }: { readonly kept: boolean }): void {
    const file = this.snapshotFile
    if (!kept) this.#requireFile('snapshot', file, bytes)
    const next = readSnapshot(bytes, this.#name('snapshot'))
    this.#requireSigned('snapshot', this.#root, next)
    for (const [name, { version }] of Object.entries(this.#snapshot?.signed.meta ?? {})) {
      const now = next.signed.meta[name]?.version
      if (now === undefined) throw this.#refused('snapshot', `no longer names ${name}`)
      this.#requireNotOlder(name, now, version)
    }
    this.#snapshot = next
    if (next.signed.version !== file.version)
      throw this.#refused('snapshot', `has the version ${next.signed.version}, and the timestamp names ${file.version}`)
    this.#requireValid('snapshot', next.signed)
  }

  /** Targets of a role, by whom its parent says that they are signed (§5.6). */
  updateTargets(bytes: Uint8Array, role: string, parent: string): void {
    const file = this.targetsFile(role)
    this.#requireFile(role, file, bytes)
    const next = readTargets(bytes, this.#name(role))
    const delegator = parent === 'root' ? this.#root : this.#targets.get(parent)
    if (delegator === undefined) throw this.#refused(role, `comes before its parent ${parent}`)
    this.#requireSigned(role, delegator, next)
    if (next.signed.version !== file.version)
      throw this.#refused(role, `has the version ${next.signed.version}, and the snapshot names ${file.version}`)
    this.#requireValid(role, next.signed)
    this.#targets.set(role, next)
  }

  /** What the snapshot says of the targets of a role. */
  targetsFile(role: string): MetaFile {
    const { meta } = this.snapshot
    const file = Object.hasOwn(meta, `${role}.json`) ? meta[`${role}.json`] : undefined
    if (file === undefined) throw this.#refused('snapshot', `does not name ${role}.json`)
    return file
  }

  /** Whether a file is signed for a top-level role of the root that is trusted now; its version, or undefined. */
  versionOf(role: 'timestamp' | 'snapshot', bytes: Uint8Array): number | undefined {
    try {
      const metadata = role === 'timestamp' ? readTimestamp(bytes, '') : readSnapshot(bytes, '')
      this.#requireSigned(role, this.#root, metadata)
      return metadata.signed.version
    } catch {
      return undefined
    }
  }

  #final<T extends Signed>(metadata: Metadata<T> | undefined, role: string): T {
    if (metadata === undefined) throw this.#refused(role, 'was not read yet')
    return metadata.signed
  }

  #requireSigned(role: string, by: Metadata<Root | Targets>, metadata: Metadata<Signed>): void {
    try {
      by.verifyDelegate(role, metadata)
    } catch (cause) {
      throw this.#refused(role, `is not signed as its parent demands: ${messageOf(cause)}`)
    }
  }

  #requireFile(role: string, file: MetaFile, bytes: Uint8Array): void {
    try {
      file.verify(Buffer.from(bytes))
    } catch (cause) {
      throw this.#refused(role, `is not the file that was announced: ${messageOf(cause)}`)
    }
  }

  #requireNotOlder(role: string, version: number, before: number): void {
    if (version < before) throw this.#refused(role, `has the version ${version}, and ${before} was seen before`)
  }

  #requireValid(role: string, signed: Signed): void {
    if (!signed.isExpired(new Date(this.#terms.now))) return
    if (!this.#terms.takeExpired) throw tufExpired(`${this.#name(role)} expired ${signed.expires}.`)
    this.#expired.set(role, signed.expires)
  }

  #refused(role: string, why: string): Error {
    return tufRefused(`${this.#name(role)} ${why}.`)
  }

  #name(role: string): string {
    return `${this.#terms.where}: ${role.endsWith('.json') ? role : `${role}.json`}`
  }
}
