import { hashOf } from '../../domain/sigstore/keys/public-key.ts'
import type { Finding } from '../../domain/sigstore/verify/examine.ts'
import type { Judgement } from '../../domain/sigstore/verify/judge.ts'
import type { Proof } from '../../domain/sigstore/verify/prove.ts'

interface Options {
  readonly roots: readonly string[]
  readonly plainHttp: boolean
}

/** What to type to have the same checked by cosign and by gh, for what was found to be trusted; each is one line for a shell. */
export function verifyCommands(image: string, judgements: readonly Judgement[], options: Options): readonly string[] {
  const findings = (judgements[0]?.findings ?? []).filter(({ attached }) => attached.format !== 'notation')
  const trusted = findings.filter(({ reason }) => reason === undefined)
  const isAttestation = ({ attached, predicateType = '' }: Finding): boolean =>
    attached.format !== 'signature' && !predicateType.includes('/cosign/sign/')
  const [signature] = trusted.filter((one) => !isAttestation(one))
  const [provenance] = trusted.filter(({ predicateType }) => predicateType?.startsWith('https://slsa.dev/provenance/') === true)
  return [signature, provenance]
    .filter((one) => one !== undefined)
    .flatMap((one) => [
      ...cosign(image, one, { ...options, isAttestation: isAttestation(one) }),
      ...(one === provenance ? gh(image, one, options) : []),
    ])
    .map((argv) => argv.map(quoted).join(' '))
}

function cosign(
  image: string,
  { attached, proof, rule, predicateType = '' }: Finding,
  options: Options & { readonly isAttestation: boolean },
): readonly (readonly string[])[] {
  const isBundle = attached.format === 'bundle'
  // Outside of bundles cosign takes no trusted root, and none but the public one vouches there.
  if (proof === undefined || (!isBundle && rule?.kind !== 'key')) return []
  const verb = options.isAttestation ? ['verify-attestation', '--type', predicateType] : ['verify']
  const who = rule?.kind === 'key' ? ['--key', keyName(rule.name)] : claimed(proof, '--certificate-identity', '--certificate-oidc-issuer')
  const log = proof.log === undefined ? ['--insecure-ignore-tlog=true'] : []
  const roots = isBundle && proof.root !== undefined && !proof.root.startsWith('sigstore:') ? ['--trusted-root', proof.root] : []
  return [
    [
      'cosign',
      ...verb,
      ...who,
      ...log,
      ...(isBundle ? hash(proof) : []),
      ...roots,
      ...(isPlain(image, options) ? ['--allow-http-registry'] : []),
      image,
    ],
  ]
}

/** cosign asks Vault to verify, which it does for the first version alone, and for RSA never: so with what `slipway keys public` gives. */
function keyName(name: string): string {
  return name.startsWith('hashivault://') ? 'cosign.pub' : name
}

/** cosign 3.1 has to be told the digest of a bundle by a key of another size than 256 bits. */
function hash({ signer }: Proof): readonly string[] {
  const algorithm = 'key' in signer ? hashOf(signer.key.algorithm) : null
  return algorithm === null || algorithm === 'sha256' ? [] : [`--signature-digest-algorithm=${algorithm}`]
}

function gh(image: string, { proof }: Finding, { roots }: Options): readonly (readonly string[])[] {
  if (proof === undefined || !('claims' in proof.signer) || proof.signer.claims.repository === undefined) return []
  const repository = URL.parse(proof.signer.claims.repository)?.pathname.slice(1) ?? ''
  const root =
    roots.length === 0 || proof.root === undefined || proof.root.startsWith('sigstore:') ? [] : ['--custom-trusted-root', proof.root]
  return [
    [
      'gh',
      'attestation',
      'verify',
      `oci://${image}`,
      '--bundle-from-oci',
      '--repo',
      repository,
      ...claimed(proof, '--cert-identity', '--cert-oidc-issuer'),
      ...root,
    ],
  ]
}

function claimed(proof: Finding['proof'], identity: string, issuer: string): readonly string[] {
  return proof === undefined || !('claims' in proof.signer)
    ? []
    : [identity, proof.signer.claims.identity, issuer, proof.signer.claims.issuer]
}

function isPlain(image: string, { plainHttp }: Options): boolean {
  return plainHttp || /^(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(image)
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
