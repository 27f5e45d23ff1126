import { resolve } from 'node:path'
import { readBytes } from '../../../io/files.ts'
import { mostBytes } from '../trust/tuf/read-metadata.ts'
import { policyInvalid } from '../verify/errors.ts'
import { type Instance, instanceNames, knownInstance, privateInstance } from './instance.ts'
import { type InstancePorts, readTrustedRoot } from './read-instance.ts'

/** A TUF repository of one's own: its address, and the path of its root.json. */
export interface OwnRepository {
  readonly url: string
  readonly root: string
}

export interface ReferencePorts extends InstancePorts {
  /** Absolute; relative paths start there. */
  readonly workspace: string
  readonly own?: OwnRepository | undefined
}

/** The trusted root behind a name in a policy: `sigstore:public`, `sigstore:github`, `sigstore:staging`, or `sigstore:tuf`, one's own. */
export async function readRootReference(name: string, ports: ReferencePorts): Promise<Buffer> {
  return readTrustedRoot(await instanceOf(name, ports), ports)
}

/** An instance by its TUF repository. Throws SW-FILE-…. */
export async function ownInstance({ url, root }: OwnRepository, workspace: string): Promise<Instance> {
  return privateInstance({ url, root: await readBytes(resolve(workspace, root), mostBytes.root) })
}

async function instanceOf(reference: string, { own, workspace }: ReferencePorts): Promise<Instance> {
  const name = reference.slice('sigstore:'.length)
  if (name === 'tuf' && own !== undefined) return ownInstance(own, workspace)
  const known = instanceNames.find((one) => one === name)
  if (known !== undefined) return knownInstance(known)
  throw policyInvalid(
    `The trusted root "${reference}" is none that is known${name === 'tuf' ? ' without `tuf-url` and `tuf-root`' : ''}.`,
    {
      hint: `trusted-root: a file, or ${instanceNames.map((one) => `sigstore:${one}`).join(', ')}`,
    },
  )
}
