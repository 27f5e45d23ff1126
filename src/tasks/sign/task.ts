import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { keyErrors } from '../../domain/sigstore/keys/errors.ts'
import { keyEnvironment } from '../../domain/sigstore/keys/key-reference.ts'
import { serviceErrors } from '../../domain/sigstore/services/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, digest, duration, image, path, secret, text, url } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { signUnpinned } from './errors.ts'

export const task = defineTask({
  name: 'sign',
  summary:
    'Sign an image at its registry, by the identity of the run or with a key, in the formats of cosign 2 and 3, each of its platforms too.',
  reads: ['subject', 'pushes'],
  writes: ['signatures'],
  inputs: {
    image: image({
      optional: true,
      summary:
        'What to sign: registry/repository, with a digest where there is no build in the record. A tag is not looked up. Without it: wherever push has sent the image of the record.',
      example: 'harbor.example.com/team/app',
    }),
    digest: digest({
      from: 'subject.digest',
      optional: true,
      summary: 'Digest of what to sign. It counts only where `image` has none.',
    }),
    key: text({
      optional: true,
      summary:
        'The private key: a file, a folder with cosign.key (a mounted secret, as of Tekton Chains), or env://COSIGN_PRIVATE_KEY. Files of cosign, PKCS#8, SEC 1 and PKCS #1; P-256, P-384, P-521, RSA, Ed25519. Without it the identity of the run signs, with a certificate of ten minutes.',
      example: 'cosign.key',
    }),
    keyPassword: secret({
      optional: true,
      summary: 'Password of the key. Without it COSIGN_PASSWORD, else cosign.password in the folder of `key`, else the empty one.',
    }),
    format: choice(['auto', 'bundle', 'legacy', 'both'], {
      default: 'auto',
      summary:
        'bundle: as cosign from version 3, a referrer of the image. legacy: the tag sha256-….sig, for verifiers that know only that. auto: bundle, and both at a Harbor that does not say that it is 2.15 or newer.',
    }),
    transparencyLog: boolean({
      default: false,
      summary:
        'With a key, enter the signatures in the transparency log as well; without one they always are, if the signing config has a log.',
    }),
    identityToken: secret({
      optional: true,
      summary:
        'OIDC token for the audience sigstore. Without it: the one of the GitHub job, SIGSTORE_ID_TOKEN, or the file that Kubernetes mounts at /var/run/sigstore/cosign/oidc-token.',
    }),
    signingConfig: path({
      optional: true,
      summary:
        'Signing config, version 0.2, of a Sigstore of your own: its Fulcio, Rekor (1 or 2) and timestamp authority. Without it SIGSTORE_SIGNING_CONFIG, else the public instance.',
      example: 'signing_config.json',
    }),
    fulcioUrl: url({ optional: true, summary: 'Fulcio of a Sigstore of your own, in place of a signing config.' }),
    rekorUrl: url({ optional: true, summary: 'Rekor of a Sigstore of your own, in place of a signing config.' }),
    rekorVersion: choice(['1', '2'], { default: '1', summary: 'Version of the Rekor at `rekor-url`; 2 needs `timestamp-url`.' }),
    timestampUrl: url({ optional: true, summary: 'Timestamp authority (RFC 3161), in place of a signing config.' }),
    timeout: duration({
      default: 300_000,
      summary:
        'How long each of these services is asked again while it fails. Then the run ends with exit code 6, nothing half-signed is left, and `slipway resume` goes on.',
    }),
    recursive: boolean({
      default: true,
      summary: 'Sign each platform of an index too: registries and clusters ask for the signature of what they pull.',
    }),
    username: text({
      optional: true,
      summary: 'User or robot account at the registry, which may pull and push. Without it credentials are looked up as for `push`.',
    }),
    password: secret({ optional: true, summary: 'Password or token of that account.' }),
    plainHttp: boolean({
      default: false,
      summary: 'Use plain HTTP, without TLS, for this registry. A registry on loopback does not need it.',
    }),
  },
  outputs: {
    signed: out.integer({ summary: 'Number of manifests that have the signature now: the image, and the platforms of an index.' }),
    signer: out.text({ summary: 'Who signed: the identity of the certificate, or the key by the beginning of its hint.' }),
    digests: out.file({ summary: 'What is signed, a line of registry/repository@digest for each.' }),
  },
  rules: [
    { requires: ['password', 'username'] },
    { requires: ['username', 'password'] },
    { requires: ['keyPassword', 'key'] },
    { requires: ['fulcioUrl', 'rekorUrl'] },
    ...(['fulcioUrl', 'rekorUrl', 'timestampUrl'] as const).map((name) => ({ conflicts: ['signingConfig', name] }) as const),
  ],
  permissions: { github: { packages: 'write', 'id-token': 'write' } },
  errors: [signUnpinned, ...keyErrors, ...serviceErrors, ...registryErrors],
  environment: [...registryEnvironment, ...keyEnvironment, 'SIGSTORE_SIGNING_CONFIG'],
  hosts: {
    github: { icon: 'pen-tool', color: 'purple' },
    tekton: { resources: { cpu: '100m', memory: '128Mi', memoryLimit: '512Mi' }, identity: true },
  },
})
