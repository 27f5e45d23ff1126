import { hashOf } from '../keys/public-key.ts'
import { isOfOwnSigstore, logUrl, objectName, patternsOf, type SignedWith, type Snippets } from './signed.ts'
import { yaml } from './yaml.ts'

/** A cluster with one of these refuses every image: it is told, and the ClusterPolicy for the `.sig` tag is the way out. */
const keyedBundles = {
  tool: 'Kyverno 1.18.0 and 1.19.0',
  why: 'they fail on bundles by a key (kyverno#16435, #17363): sign with `format: both` and take the ClusterPolicy alone',
} as const

const ownRoot = {
  tool: 'Kyverno',
  why: 'it needs the trusted root of this Sigstore: set SIGSTORE_TRUSTED_ROOT, and it is written into the ImageValidatingPolicy',
} as const

const ownRootSince = {
  tool: 'Kyverno before 1.19',
  why: 'its ImageValidatingPolicy has no field for the trusted root of this Sigstore',
} as const

const ownTag = { tool: 'Kyverno', why: 'a ClusterPolicy for `.sig` tags takes no trusted root: sign with `format: bundle`' } as const

/**
 * Policies for Kyverno 1.18 and newer. A ClusterPolicy of the type Cosign reads `.sig` tags only, one of the type SigstoreBundle bundles by
 * an identity only, and an ImageValidatingPolicy bundles by a key too.
 */
export function kyvernoPolicies(signed: SignedWith): Snippets {
  const isKeyless = 'identity' in signed.by
  const isOwn = isOfOwnSigstore(signed)
  const rules = [
    ...(signed.formats.includes('legacy') && !isOwn ? ['Cosign'] : []),
    ...(signed.formats.includes('bundle') && isKeyless && !isOwn ? ['SigstoreBundle'] : []),
  ]
  const validating = signed.formats.includes('bundle')
    ? [{ title: 'Kyverno: ImageValidatingPolicy', text: yaml(validatingPolicy(signed)) }]
    : []
  return {
    snippets: [
      ...rules.map((type) => ({ title: `Kyverno: ClusterPolicy (${type})`, text: yaml(clusterPolicy(signed, type)) })),
      ...validating,
    ].map((one) => ({ ...one, kind: 'kubernetes' as const })),
    lacking: [
      ...(isKeyless || !signed.formats.includes('bundle') ? [] : [keyedBundles]),
      ...(isOwn && signed.formats.includes('bundle') ? [signed.trustedRoot === undefined ? ownRoot : ownRootSince] : []),
      ...(isOwn && signed.formats.includes('legacy') ? [ownTag] : []),
    ],
  }
}

function clusterPolicy(signed: SignedWith, type: string): object {
  const entry = { ...attestor(signed), ...(hasAnnotations(signed) ? { annotations: signed.annotations } : {}) }
  const rule = {
    name: 'signature',
    match: { any: [{ resources: { kinds: ['Pod'] } }] },
    verifyImages: [{ type, imageReferences: patternsOf(signed), failureAction: 'Enforce', attestors: [{ count: 1, entries: [entry] }] }],
  }
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: `${objectName(signed)}-${type.toLowerCase()}` },
    spec: { background: false, webhookConfiguration: { failurePolicy: 'Fail', timeoutSeconds: 30 }, rules: [rule] },
  }
}

function attestor(signed: SignedWith): object {
  const { by } = signed
  const url = logUrl(signed)
  const rekor = url === undefined ? { ignoreTlog: true } : { url }
  if ('identity' in by) return { keyless: { issuer: by.issuer, subject: by.identity, rekor } }
  return { keys: { publicKeys: by.publicKey, rekor, ctlog: { ignoreSCT: true } } }
}

function validatingPolicy(signed: SignedWith): object {
  const images = ['containers', 'initContainers', 'ephemeralContainers']
  const resources = ['pods', 'pods/ephemeralcontainers']
  return {
    apiVersion: 'policies.kyverno.io/v1',
    kind: 'ImageValidatingPolicy',
    metadata: { name: objectName(signed) },
    spec: {
      failurePolicy: 'Fail',
      validationActions: ['Deny'],
      matchConstraints: { resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources }] },
      matchImageReferences: patternsOf(signed).map((glob) => ({ glob })),
      attestors: [{ name: 'signer', cosign: cosignAttestor(signed) }],
      validations: images.map((kind) => ({
        expression: `images.${kind}.map(image, verifyImageSignatures(image, [attestors.signer])).all(count, count > 0)`,
        message: 'The image is not signed by whom it must be.',
      })),
    },
  }
}

function cosignAttestor(signed: SignedWith): object {
  const { by, services, trustedRoot } = signed
  const url = logUrl(signed)
  const isLogged = services !== undefined && services.logs.length > 0
  const ctlog = {
    ...(url === undefined ? {} : { url }),
    ...(isLogged ? {} : { insecureIgnoreTlog: true }),
    ...('identity' in by ? {} : { insecureIgnoreSCT: true }),
  }
  const who =
    'identity' in by
      ? { keyless: { identities: [{ issuer: by.issuer, subject: by.identity }] } }
      : { key: { data: by.publicKey, hashAlgorithm: hashOf(by.algorithm) ?? 'sha512' } }
  return {
    ...who,
    ...(Object.keys(ctlog).length === 0 ? {} : { ctlog }),
    ...(hasAnnotations(signed) ? { annotations: signed.annotations } : {}),
    ...(trustedRoot === undefined || !isOfOwnSigstore(signed) ? {} : { trustedRoot: { value: trustedRoot } }),
  }
}

function hasAnnotations({ annotations }: SignedWith): boolean {
  return Object.keys(annotations).length > 0
}
