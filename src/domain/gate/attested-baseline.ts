import * as v from 'valibot'
import { algorithmOf, hexOf, isDigest } from '../../base/digest.ts'
import { pullBytes } from '../oci/blobs.ts'
import { findManifest } from '../oci/manifests.ts'
import type { Repository } from '../oci/registry.ts'
import { findingsIn, vulnerabilitiesType } from '../provenance/vulnerabilities.ts'
import { predicateAnnotation } from '../sigstore/attest/document.ts'
import { referenceKind } from '../sigstore/attest/predicates.ts'
import { attachedTo } from '../sigstore/verify/attached.ts'
import type { Finding } from '../sigstore/verify/examine.ts'
import { isTrusted, type Judgement, judge } from '../sigstore/verify/judge.ts'
import type { Policy } from '../sigstore/verify/policy.ts'
import { reasons } from '../sigstore/verify/reasons.ts'
import type { Baseline } from './baseline.ts'
import { baselineMissing, baselineUntrusted } from './errors.ts'

interface Terms {
  /** Who may have signed the image and what attests to it. */
  readonly policy: Policy
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * What a scan found in an image at its registry, as `attest` has put it there: the newest that is signed by whom the policy trusts, of an
 * image that meets the policy. @throws SW-GATE-BASELINE-MISSING, SW-GATE-BASELINE-UNTRUSTED, SW-REGISTRY-…
 */
export async function attestedBaseline(repository: Repository, reference: string, terms: Terms): Promise<Baseline> {
  const found = await findManifest(repository, reference)
  if (found === undefined) throw baselineMissing(`${repository.name} has no image ${reference}.`, { hint: missingHint })
  const { descriptor } = found
  const origin = `${repository.name}@${descriptor.digest}`
  const judgement = judge(descriptor, await attachedTo(repository, descriptor.digest), terms)
  const said = await saidIn(judgement, repository)
  if (said.length === 0) throw baselineMissing(`Nothing that is attached to ${origin} tells what was found in it.`, { hint: missingHint })
  const [newest] = (isTrusted(judgement) ? said : [])
    .flatMap(({ by, predicate }) => (by.reason !== undefined ? [] : { digest: by.attached.digest, read: findingsIn(predicate) }))
    .flatMap(({ digest, read }) => (read === undefined ? [] : [{ digest, ...read }]))
    .toSorted((a, b) => b.finished - a.finished || (a.digest < b.digest ? -1 : 1))
  if (newest !== undefined) return { origin, digest: newest.digest, findings: newest.findings }
  throw baselineUntrusted(`${origin} is no baseline: ${whyNot(judgement, said)}.`, {
    hint: `slipway verify --image ${origin} --policy …`,
    safe: 'nothing was changed',
  })
}

const missingHint = 'baseline-missing: all, where there cannot be one yet'

/** What somebody says was found, trusted or not. */
interface Said {
  readonly by: Finding
  readonly predicate: unknown
}

/** Of what only refers to a document, whose findings are worth reading only of whom is trusted. */
async function saidIn({ findings }: Judgement, repository: Repository): Promise<readonly Said[]> {
  const said: Said[] = []
  for (const by of findings) {
    const { predicateType, statement, reason } = by
    if (predicateType === vulnerabilitiesType) said.push({ by, predicate: statement?.predicate })
    else if (predicateType === referenceKind.type && reason === undefined) {
      const predicate = await referredTo(statement?.predicate, repository)
      if (predicate !== undefined) said.push({ by, predicate })
    }
  }
  return said
}

function whyNot({ demands }: Judgement, said: readonly Said[]): string {
  const missing = demands.find(({ met }) => !met)
  const [first] = [...said.flatMap(({ by }) => by.reason ?? []), ...(missing?.reasons ?? [])]
  if (first !== undefined) return `${first.code}, ${reasons[first.code]}`
  return missing === undefined ? 'what attests to it names no packages' : `${missing.what} is missing`
}

const reference = v.object({
  references: v.tuple([v.object({ downloadLocation: v.string(), digest: v.record(v.string(), v.string()) })]),
})
/** In bytes: what `attest` takes for a predicate. */
const mostDocument = 32 * 2 ** 20

/** The document that was too large for its statement and is kept beside the image, where it is one of findings; its digest is signed. */
async function referredTo(predicate: unknown, repository: Repository): Promise<unknown> {
  const parsed = v.safeParse(reference, predicate)
  if (!parsed.success) return undefined
  const [{ downloadLocation, digest }] = parsed.output.references
  const start = `oci://${repository.name}@`
  const place = downloadLocation.slice(start.length)
  const found = downloadLocation.startsWith(start) && isDigest(place) ? await findManifest(repository, place) : undefined
  if (found?.content.kind !== 'manifest') return undefined
  const { layers, annotations = {} } = found.content.manifest
  const [layer] = layers
  if (layer === undefined || annotations[predicateAnnotation] !== vulnerabilitiesType) return undefined
  if (digest[algorithmOf(layer.digest)] !== hexOf(layer.digest) || layer.size > mostDocument) return undefined
  return jsonOf(await pullBytes(repository, layer))
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
