import { formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { acrossPlatforms, type Finding } from './finding.ts'

/** How much of what was found comes with the base image. */
export interface BaseShare {
  /** As it is known: `docker.io/library/node:24`; empty when it is not. */
  readonly name: string
  /** The layers of the base, on all platforms. */
  readonly layers: ReadonlySet<Digest>
  /** Number of findings, each once for all platforms. */
  readonly all: number
  readonly own: number
  /** What other bases would bring, the best first. */
  readonly candidates: readonly Candidate[]
}

/** Another image that could be the base, and how many findings it brings by itself. */
export interface Candidate {
  readonly name: string
  readonly findings: number
}

/** Findings by where they come from; undefined where there are none, or no base. */
export function shareOf(
  findings: readonly Finding[],
  {
    name,
    layers,
    candidates = [],
  }: { readonly name: string; readonly layers: ReadonlySet<Digest>; readonly candidates?: readonly Candidate[] },
): BaseShare | undefined {
  const all = acrossPlatforms(findings)
  if (layers.size === 0 || all.length === 0) return undefined
  const own = all.filter((finding) => !isOfBase(finding, { layers })).length
  return { name, layers, all: all.length, own, candidates: candidates.toSorted((a, b) => a.findings - b.findings) }
}

/** Whether every place of a finding is in a layer of the base: then only another base mends it. */
export function isOfBase({ locations }: Finding, base: Pick<BaseShare, 'layers'> | undefined): boolean {
  return base !== undefined && locations.length > 0 && locations.every(({ layer }) => layer !== undefined && base.layers.has(layer))
}

/** `12 of 14 come from the base node:24.20; node:24.22 has 2` */
export function baseText({ name, all, own, candidates }: BaseShare): string {
  const base = name === '' ? 'the base' : `the base ${name}`
  const others = candidates.slice(0, 3).map((one) => `${one.name} has ${formatCount(one.findings)}`)
  return [`${formatCount(all - own)} of ${formatCount(all)} come from ${base}`, ...others].join('; ')
}
