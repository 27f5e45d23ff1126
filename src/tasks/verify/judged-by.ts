import type { Digest } from '../../base/digest.ts'
import type { Policy } from '../../domain/sigstore/verify/policy.ts'
import type { PolicyDocument } from '../../domain/sigstore/verify/policy-document.ts'
import { loadPolicy } from '../../domain/sigstore/verify/policy-load.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { Written } from './as-signed.ts'
import { askedPolicy } from './asked.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** The policy that one manifest is judged by. */
export interface JudgedBy {
  readonly policy: Policy
  readonly digest: Digest
  readonly roots: PolicyDocument['trusted-roots']
  /** Whether nobody gave it, so that it is what the record says. */
  readonly assumed: boolean
}

/** Makes the policy for what this run has written about a manifest. It throws what reading policies, keys and trusted roots throws. */
export function policiesFor(input: Input, context: Context<never>): (written: Written) => Promise<JudgedBy> {
  const { environment, files, secrets, http, clock, identity, signal } = context
  const { workspace } = files
  const trustedRoot = environment['SIGSTORE_TRUSTED_ROOT']
  const ports = { workspace, environment, mask: secrets.mask, http, clock, identity, signal, readRoot: rootReader(input, context) }
  return async (written) => {
    const { document, keys, assumed } = await askedPolicy(input, { workspace, trustedRoot, written })
    const { policy, digest } = await loadPolicy(document, { ...ports, keys })
    return { policy, digest, roots: document['trusted-roots'], assumed }
  }
}

/** Each is read once. What reads TUF repositories is loaded only where one is named. */
function rootReader({ tufUrl, tufRoot, offline }: Input, { http, clock, log, environment, files }: Context<never>) {
  const own = tufUrl === undefined || tufRoot === undefined ? undefined : { url: tufUrl, root: tufRoot }
  const read = async (name: string): Promise<Buffer> => {
    const { readRootReference } = await import('../../domain/sigstore/instance/root-reference.ts')
    return readRootReference(name, { http, clock, log, environment, workspace: files.workspace, offline, own })
  }
  const known = new Map<string, Promise<Buffer>>()
  return (name: string): Promise<Buffer> => {
    const bytes = known.get(name) ?? read(name)
    known.set(name, bytes)
    return bytes
  }
}
