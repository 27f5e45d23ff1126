import type { Lacking, SignedWith, Snippets } from './signed.ts'
import { yaml } from './yaml.ts'

/**
 * `policy.json` and a file of `registries.d` for podman, CRI-O, Buildah and skopeo (containers-policy.json.5, containers-registries.d.5).
 * They read `.sig` tags, by a key. All that is not named is refused.
 */
export function containersPolicies(signed: SignedWith): Snippets {
  const { by, images } = signed
  if ('identity' in by || !signed.formats.includes('legacy')) return { snippets: [], lacking: [lacking(signed)] }
  const requirement = {
    type: 'sigstoreSigned',
    keyData: Buffer.from(by.publicKey).toString('base64'),
    signedIdentity: { type: 'matchRepository' },
  }
  const policy = {
    default: [{ type: 'reject' }],
    transports: { docker: Object.fromEntries(images.map((image) => [image, [requirement]])) },
  }
  const registries = { docker: Object.fromEntries(images.map((image) => [image, { 'use-sigstore-attachments': true }])) }
  return {
    snippets: [
      { title: 'containers: policy.json', kind: 'policy.json', text: `${JSON.stringify(policy, undefined, 2)}\n` },
      { title: 'containers: registries.d', kind: 'registries.d', text: yaml(registries) },
    ],
    lacking: [],
  }
}

function lacking({ by }: SignedWith): Lacking {
  const tool = 'podman, CRI-O and skopeo'
  if ('identity' in by) return { tool, why: 'of identities they know emails only, and no workflows: sign with a key and `format: both`' }
  return { tool, why: 'they read no bundles: sign with `format: both`' }
}
