import { hashOf } from '../keys/public-key.ts'
import { isOfOwnSigstore, logUrl, objectName, patternsOf, type SignedWith, type Snippets } from './signed.ts'
import { yaml } from './yaml.ts'

/** Name of the TrustRoot that has to be made of the trusted root of a Sigstore of one's own. */
const trustRootRef = 'sigstore'

const keyedBundles = {
  tool: 'policy-controller',
  why: 'not every version verifies bundles by a key (policy-controller#1958): sign with `format: both`',
} as const

/** A ClusterImagePolicy for the policy-controller of Sigstore, 0.13 and newer: any of the formats that were written is enough. */
export function policyControllerPolicies(signed: SignedWith): Snippets {
  const policy = {
    apiVersion: 'policy.sigstore.dev/v1beta1',
    kind: 'ClusterImagePolicy',
    metadata: { name: objectName(signed) },
    spec: {
      mode: 'enforce',
      images: patternsOf(signed).map((glob) => ({ glob })),
      authorities: signed.formats.map((format) => authority(signed, format)),
    },
  }
  const annotated = Object.keys(signed.annotations).length > 0
  return {
    snippets: [{ title: 'policy-controller: ClusterImagePolicy', kind: 'kubernetes', text: yaml(policy) }],
    lacking: [
      ...('publicKey' in signed.by && !signed.formats.includes('legacy') ? [keyedBundles] : []),
      ...(annotated ? [{ tool: 'policy-controller', why: 'it does not look at annotations without a policy in CUE or Rego' }] : []),
      ...(!isOfOwnSigstore(signed)
        ? []
        : [{ tool: 'policy-controller', why: `it needs a TrustRoot named ${trustRootRef} with your trusted root` }]),
    ],
  }
}

function authority(signed: SignedWith, format: SignedWith['formats'][number]): object {
  const { by, services } = signed
  const root = isOfOwnSigstore(signed) ? { trustRootRef } : {}
  const url = logUrl(signed)
  const stamped = services !== undefined && services.timestamps.length > 0
  const hashAlgorithm = 'identity' in by ? null : hashOf(by.algorithm, format)
  const who =
    'identity' in by
      ? {
          keyless: {
            ...(services?.authority === undefined ? {} : { url: services.authority }),
            identities: [{ issuer: by.issuer, subject: by.identity }],
            ...root,
          },
        }
      : { key: { data: by.publicKey, ...(hashAlgorithm === null ? {} : { hashAlgorithm }) } }
  return {
    name: format,
    signatureFormat: format,
    ...who,
    ...(url === undefined ? {} : { ctlog: { url, ...root } }),
    ...(stamped ? { rfc3161timestamp: root } : {}),
  }
}
