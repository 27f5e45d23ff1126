import { boolean, choice, duration, path, secret, text, url } from '../../../spec/kinds.ts'

/** Inputs by which a task takes a key to sign with. */
export const signerKey = {
  key: text({
    optional: true,
    summary:
      'The private key: a file, a folder with cosign.key (a mounted secret, as of Tekton Chains), env://COSIGN_PRIVATE_KEY, or one in a key service: hashivault://, awskms://, gcpkms://, azurekms:// as in cosign. Files of cosign, PKCS#8, SEC 1 and PKCS #1; P-256, P-384, P-521, RSA, Ed25519. Without it the identity of the run signs, with a certificate of ten minutes.',
    example: 'cosign.key',
  }),
  keyPassword: secret({
    optional: true,
    summary: 'Password of the key. Without it COSIGN_PASSWORD, else cosign.password in the folder of `key`, else the empty one.',
  }),
} as const

/** Inputs by which it chooses the services that vouch for what it signs; without a key, who it is too. */
export const signerServices = {
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
  sigstore: choice(['auto', 'public', 'github'], {
    default: 'auto',
    summary:
      'The instance that vouches, where no address or file below names one. auto: GitHub’s own for its private and internal repositories, which puts their names into no public log, else the public one, as built in. public, github: as their TUF repository says now.',
  }),
  tufUrl: url({
    optional: true,
    summary: 'TUF repository of a Sigstore of your own, whose signing config says where to sign.',
    example: 'https://tuf.example.com',
  }),
  tufRoot: path({ optional: true, summary: 'The root.json with which that repository is proven, of any version.' }),
  fulcioUrl: url({ optional: true, summary: 'Fulcio of a Sigstore of your own, in place of a signing config.' }),
  rekorUrl: url({ optional: true, summary: 'Rekor of a Sigstore of your own, in place of a signing config.' }),
  rekorVersion: choice(['1', '2'], {
    default: '1',
    summary: 'Version of the Rekor at `rekor-url`; 2 needs `timestamp-url`. Of an instance read by TUF: which of its two signing configs.',
  }),
  timestampUrl: url({ optional: true, summary: 'Timestamp authority (RFC 3161), in place of a signing config.' }),
  timeout: duration({
    default: 300_000,
    summary:
      'How long each of these services is asked again while it fails. Then the run ends with exit code 6, nothing half-signed is left, and `slipway resume` goes on.',
  }),
} as const

/** How they go together. */
export const signerRules = [
  { requires: ['keyPassword', 'key'] },
  { requires: ['fulcioUrl', 'rekorUrl'] },
  { requires: ['tufUrl', 'tufRoot'] },
  { requires: ['tufRoot', 'tufUrl'] },
  { conflicts: ['signingConfig', 'tufUrl'] },
  { conflicts: ['rekorUrl', 'tufUrl'] },
  { conflicts: ['signingConfig', 'fulcioUrl'] },
  { conflicts: ['signingConfig', 'rekorUrl'] },
  { conflicts: ['signingConfig', 'timestampUrl'] },
] as const
