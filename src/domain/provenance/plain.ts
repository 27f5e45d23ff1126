import * as v from 'valibot'
import { algorithmOf, hexOf } from '../../base/digest.ts'
import type { Sections } from '../../spec/record/record.ts'
import { names, type ProvenancePredicate, type ResourceDescriptor } from './predicate.ts'

/** What the record tells of a build. */
export interface BuildFacts {
  readonly source?: Sections['source'] | undefined
  readonly subject?: Sections['subject'] | undefined
  readonly runUrl?: string | undefined
}

/** Claims of a service account's token (kubernetes.io, bound service account tokens). */
const accountClaims = v.object({
  'kubernetes.io': v.object({ namespace: v.string(), serviceaccount: v.object({ name: v.string() }) }),
})

/**
 * Provenance by a step of a Tekton Task. Its builder is the service account as certificates name it; the level is 0, since a step that
 * tells of its own build proves nothing of it (slsa.dev/spec/v1.1/levels): that is for Tekton Chains.
 */
export function tektonProvenance(facts: BuildFacts, token: string | undefined): ProvenancePredicate {
  const account = token === undefined ? undefined : accountOf(token)
  return predicate(facts, {
    buildType: `${names}/buildtypes/tekton-step/v1`,
    builder: account ?? `${names}/builders/tekton-step`,
    internalParameters: {
      slipway: { publishable: true, slsaBuildLevel: 0, because: 'a step of the same cluster wrote it, not the control plane' },
    },
  })
}

/** Provenance by a machine that nobody vouches for: it says itself that it is not one to publish. */
export function localProvenance(facts: BuildFacts): ProvenancePredicate {
  return predicate(facts, {
    buildType: `${names}/buildtypes/local/v1`,
    builder: `${names}/builders/local`,
    internalParameters: {
      slipway: { publishable: false, slsaBuildLevel: 0, because: 'built on a machine of somebody, which nobody vouches for' },
    },
  })
}

interface Builder {
  readonly buildType: string
  readonly builder: string
  readonly internalParameters: object
}

function predicate({ source, subject, runUrl }: BuildFacts, { buildType, builder, internalParameters }: Builder): ProvenancePredicate {
  return {
    buildDefinition: {
      buildType,
      externalParameters:
        source === undefined ? {} : { source: { repository: source.url, ...(source.ref === undefined ? {} : { ref: source.ref }) } },
      internalParameters,
      resolvedDependencies: [...(source === undefined ? [] : [sourceOf(source)]), ...baseOf(subject)],
    },
    runDetails: { builder: { id: builder }, ...(runUrl === undefined ? {} : { metadata: { invocationId: runUrl } }) },
  }
}

/** The source as a dependency: `git+URL@REF` with its commit. */
export function sourceOf({ url, ref, commit }: Sections['source']): ResourceDescriptor {
  return { uri: `git+${url}${ref === undefined ? '' : `@${ref}`}`, digest: { gitCommit: commit } }
}

function baseOf(subject: Sections['subject'] | undefined): readonly ResourceDescriptor[] {
  const { name, digest } = subject?.base ?? {}
  if (name === undefined) return []
  return [{ uri: `oci://${name}`, ...(digest === undefined ? {} : { digest: { [algorithmOf(digest)]: hexOf(digest) } }) }]
}

function accountOf(token: string): string | undefined {
  const parsed = v.safeParse(
    v.pipe(v.string(), v.parseJson(), accountClaims),
    Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
  )
  if (!parsed.success) return undefined
  const { namespace, serviceaccount } = parsed.output['kubernetes.io']
  return `https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${serviceaccount.name}`
}
