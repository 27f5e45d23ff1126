import type { Digest } from '../../base/digest.ts'
import { acrossPlatforms, type Finding } from '../../domain/findings/finding.ts'
import type { Baseline } from '../../domain/gate/baseline.ts'
import type { Decision } from '../../domain/gate/decide.ts'
import { type Assertion, vexOf } from '../../domain/vex/write.ts'

interface About {
  /** Of the image, or of the index over all platforms. */
  readonly digest: Digest
  readonly name: string
  /** RFC 3339. */
  readonly finished: string
}

/** What goes out beside the verdict: what is new and what is known, and what is stated to readers of VEX. */
export function gateOutputs(decision: Decision, findings: readonly Finding[], about: About) {
  const { fresh = findings, known = new Set<Finding>() } = decision
  return { new: acrossPlatforms(fresh).length, known: acrossPlatforms([...known]).length, vex: statedOf(decision, about) }
}

/** What the record keeps of a baseline: `attest` signs it with the verdict. */
export function comparedWith(baseline: Baseline | undefined) {
  if (baseline === undefined) return {}
  const uri = baseline.origin.includes('@sha') ? `oci://${baseline.origin}` : baseline.origin
  return { baseline: { uri, digest: baseline.digest } }
}

/** What exceptions state to readers of VEX, each vulnerability of a package once; an accepted risk is nothing that VEX has a word for. */
function statedOf({ stated }: Pick<Decision, 'stated'>, { digest, name, finished }: About): string | undefined {
  const all = Map.groupBy(stated, ({ finding, exception: { vex } }) => JSON.stringify([finding.id, finding.purl, vex]))
  const assertions = [...all.values()].flatMap((same): readonly Assertion[] => {
    const [first] = same
    if (first?.exception.vex === undefined) return []
    const { id, aliases, purl } = first.finding
    return [{ id, aliases, purl, subjects: [digest, ...same.map(({ finding }) => finding.subject.digest)], ...first.exception.vex }]
  })
  const owners = [...new Set(stated.map(({ exception: { owner } }) => owner))].toSorted()
  return vexOf(assertions, { name, author: owners.join(', '), timestamp: finished })
}
