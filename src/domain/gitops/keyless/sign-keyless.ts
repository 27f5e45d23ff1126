import { createHash } from 'node:crypto'
import type { ServicePorts } from '../../sigstore/services/ask.ts'
import { enterLog } from '../../sigstore/services/log.ts'
import type { Services } from '../../sigstore/services/signing-config.ts'
import { newHolder } from '../../sigstore/sign/keyless-signer.ts'
import { gitopsSigning } from '../errors.ts'
import type { Signing } from '../signing.ts'
import { encodeLogEntry } from './log-entry.ts'
import { signedAttributes, signedData } from './signed-data.ts'

export interface KeylessSigning {
  readonly services: Services
  /** An identity token for the audience `sigstore`. */
  readonly token: () => Promise<string>
  readonly ports: ServicePorts
}

/**
 * Signs as the identity of the run, for `gitsign verify`: a key that never leaves the process, a certificate by Fulcio, an entry in a
 * Rekor of version 1, which stands beside the signature in the commit. @throws SW-GITOPS-SIGNING, SW-FULCIO-REFUSED, SW-SIGSTORE-…
 */
export function keylessSigning({ services, token, ports }: KeylessSigning): Signing {
  const log = services.logs.find(({ version }) => version === 1)
  if (log === undefined)
    throw gitopsSigning('A commit is signed by an identity only with a log of version 1, and the signing config names none.', {
      hint: 'Set `rekor-url` and `fulcio-url`: gitsign reads no entries of version 2.',
      safe: 'nothing was written',
    })
  return {
    async sign(commit) {
      // Each commit has a key of its own: a retried push may come after the ten minutes of a certificate.
      const { key, certificate } = await newHolder({ services, token, ports })
      const attributes = signedAttributes(createHash('sha256').update(commit).digest(), ports.now())
      const signature = key.sign(attributes, 'legacy')
      const { algorithm } = key.public
      const entry = await enterLog(
        log,
        { form: 'legacy', payload: attributes, signed: attributes, signature, by: certificate, algorithm },
        ports,
      )
      const message = signedData({ certificate: certificate.leaf, attributes, signature, logEntry: encodeLogEntry(entry) })
      const lines = message.toString('base64').match(/.{1,64}/g) ?? []
      return ['-----BEGIN SIGNED MESSAGE-----', ...lines, '-----END SIGNED MESSAGE-----', ''].join('\n')
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}
