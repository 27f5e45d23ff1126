import { resolve } from 'node:path'
import { parsePublicKey } from '../../domain/sigstore/keys/public-key.ts'
import type { SignedWith, Snippets } from '../../domain/sigstore/policy-snippets/signed.ts'
import type { ChosenSigner } from '../../domain/sigstore/sign/choose-signer.ts'
import type { Format } from '../../domain/sigstore/sign/chosen-formats.ts'
import type { Trusting } from '../../domain/sigstore/sign/signer.ts'
import { readText } from '../../io/files.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import type { task } from './task.ts'

/** In bytes: the public trusted root has about 10 kB. */
const mostRoot = 4 * 2 ** 20

/** What this run has signed, and by whom. */
export interface Signed {
  readonly signer: Pick<ChosenSigner, 'trusting' | 'services'>
  readonly signatures: readonly { readonly image: string; readonly format: Format }[]
}

/** Policies of programs that admit images, for what was just signed. Throws SW-FILE-…. */
export async function policiesFor(signed: Signed, input: InputOf<typeof task>, context: Context<never>): Promise<Snippets> {
  if (input.policies === 'none' || signed.signatures.length === 0) return { snippets: [], lacking: [] }
  const { trusting, services } = signed.signer
  const root = context.environment['SIGSTORE_TRUSTED_ROOT']
  const trustedRoot =
    services !== undefined && root !== undefined ? await readText(resolve(context.files.workspace, root), mostRoot) : undefined
  const { signatures } = signed
  const { policySnippets } = await import('../../domain/sigstore/policy-snippets/snippets.ts')
  return policySnippets(
    {
      images: [...new Set(signatures.map(({ image }) => image))],
      formats: [...new Set(signatures.map(({ format }) => format))],
      by: signerOf(trusting),
      annotations: input.annotations,
      services,
      trustedRoot,
    },
    input.policies,
  )
}

/** The same for people: each policy to fold out, and what none can check. */
export function policyBlocks({ snippets, lacking }: Snippets): readonly Block[] {
  return [
    ...snippets.map(({ title, text }) => ({ kind: 'details' as const, title, text })),
    ...lacking.map(({ tool, why }) => ({ kind: 'text' as const, text: `${tool}: ${why}.` })),
  ]
}

function signerOf(trusting: Trusting): SignedWith['by'] {
  if ('identity' in trusting) return trusting
  const { publicKey } = trusting
  return { publicKey, algorithm: parsePublicKey(publicKey, 'the public key of the signer').algorithm }
}
