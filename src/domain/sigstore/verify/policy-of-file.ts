import { resolve } from 'node:path'
import { readText } from '../../../io/files.ts'
import type { Ports } from '../../../spec/ports.ts'
import { parsePolicy } from './policy-file.ts'
import { type LoadedPolicy, loadPolicy } from './policy-load.ts'

const mostPolicy = 256 * 1024

type PolicyContext = Pick<Ports, 'files' | 'environment' | 'secrets' | 'http' | 'clock' | 'log' | 'identity' | 'signal'>

/**
 * The policy in a file of the workspace, as `verify` reads it, with the trusted root of the environment where it names none.
 * Throws what reading policies, keys and trusted roots throws.
 */
export async function policyOfFile(path: string, context: PolicyContext): Promise<LoadedPolicy> {
  const { files, environment, secrets, http, clock, log, identity, signal } = context
  const { workspace } = files
  const document = parsePolicy(await readText(resolve(workspace, path), mostPolicy), path)
  const root = environment['SIGSTORE_TRUSTED_ROOT']
  const named = document['trusted-roots'].length > 0 || root === undefined ? document : { ...document, 'trusted-roots': [root] }
  // What reads TUF repositories is loaded only where one is named.
  const readRoot = async (name: string): Promise<Buffer> => {
    const { readRootReference } = await import('../instance/root-reference.ts')
    return readRootReference(name, { http, clock, log, environment, workspace, offline: false })
  }
  return loadPolicy(named, { workspace, environment, mask: secrets.mask, http, clock, identity, signal, readRoot })
}
