import { algorithmOf, hexOf } from '../../base/digest.ts'
import type { Sections } from '../../spec/record/record.ts'
import { sourceOf } from './plain.ts'
import { names } from './predicate.ts'

/**
 * What the tests said, as in-toto's test result, version 0.1. The record counts tests and does not name them: the counts are a field of
 * our own beside those of the specification. `runUrl` is without the attempt, so that a second one says the same.
 */
export function testResult(
  { verdict, passed, failed, skipped, flaky, coverage }: Sections['tests'],
  { source, runUrl }: { readonly source?: Sections['source'] | undefined; readonly runUrl?: string | undefined },
): object {
  return {
    result: verdict === 'pass' ? 'PASSED' : 'FAILED',
    configuration: source === undefined ? [] : [sourceOf(source)],
    ...(runUrl === undefined ? {} : { url: runUrl.replace(/\/attempts\/\d+$/, '') }),
    counts: { passed, failed, skipped, flaky },
    ...(coverage === undefined ? {} : { coverage }),
  }
}

/** What the gate of a scan said, as SLSA's verification summary, version 1. `resource` is registry/repository, `finished` RFC 3339. */
export function scanVerdict(
  { verdict, policy, baseline }: Sections['findings'],
  { resource, finished }: { readonly resource: string; readonly finished: string },
): object {
  return {
    verifier: { id: `${names}/scan` },
    timeVerified: finished,
    resourceUri: `oci://${resource}`,
    policy: { uri: `${names}/scan/policy`, ...(policy === undefined ? {} : { digest: { [algorithmOf(policy)]: hexOf(policy) } }) },
    ...(baseline === undefined
      ? {}
      : { inputAttestations: [{ uri: baseline.uri, digest: { [algorithmOf(baseline.digest)]: hexOf(baseline.digest) } }] }),
    verificationResult: verdict === 'pass' ? 'PASSED' : 'FAILED',
    // The summary's levels are SLSA's or a verifier's own; a scan says nothing of how the image was built.
    verifiedLevels: [verdict === 'pass' ? 'SLIPWAY_SCAN_GATE' : 'FAILED'],
  }
}
