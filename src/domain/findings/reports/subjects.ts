import type { Digest } from '../../../base/digest.ts'
import type { Scanned } from '../find.ts'
import { reportSubject } from './errors.ts'
import type { About, Report } from './report.ts'

/** An image that is scanned, and by what else it is known. */
export interface Target extends Scanned {
  /** Digest of its configuration, which scanners call the ID of the image; absent for an SBOM. */
  readonly config?: Digest
  /** Its layers by their uncompressed digests, from the lowest. */
  readonly layers?: ReadonlyMap<Digest, Digest>
}

/** What a report is held against. */
export interface Subjects {
  /** What the scan was asked for: an image, or the index of all targets. */
  readonly root: Digest
  readonly targets: readonly Target[]
  /** Whether a report that names no digest is taken for one of `root`. */
  readonly mayAssume: boolean
  /** Whether an image that no report is about is unscanned, as nobody else is asked. */
  readonly coverAll: boolean
}

/**
 * Those of the images that a report is about: by manifest, configuration or layers, else all of an index that it names. One that names others
 * only is refused, and so is one that names none, unless it may be assumed. @throws SW-SCAN-REPORT-SUBJECT
 */
export function targetsOf({ about }: Pick<Report, 'about'>, subjects: Subjects, where: string): readonly Target[] {
  const found = matching(about, subjects)
  if (found.length > 0) return found
  const { root, targets, mayAssume } = subjects
  if (about.digests.length > 0 || about.diffIds.length > 0) {
    const platform = about.platform === undefined ? '' : ` on ${about.platform}`
    const seen = about.digests.length > 0 ? about.digests.slice(0, 3).join(', ') : `an image of ${about.diffIds.length} other layers`
    throw reportSubject(`${where} is about ${seen}${platform}, expected ${root}.`, { hint: `scan IMAGE@${root}, and give that report` })
  }
  if (mayAssume) return targets
  throw reportSubject(`${where} does not say which image it is about, expected ${root}.`, {
    hint: `scan IMAGE@${root}; or report-subject: assumed, where you know that it is of this image`,
  })
}

function matching({ digests, diffIds, platform }: About, { root, targets }: Subjects): readonly Target[] {
  const named = targets.filter(
    ({ subject, config }) => digests.includes(subject.digest) || (config !== undefined && digests.includes(config)),
  )
  if (named.length > 0) return named
  const layered = diffIds.length === 0 ? [] : targets.filter(({ layers }) => [...(layers?.keys() ?? [])].join() === diffIds.join())
  if (layered.length > 0) return layered
  if (!digests.includes(root)) return []
  return platform === undefined ? targets : targets.filter(({ subject }) => isPlatform(subject.platform, platform))
}

/** Scanners write the variant of a platform, or leave it out. */
function isPlatform(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`)
}
