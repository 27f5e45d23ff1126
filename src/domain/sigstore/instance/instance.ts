import type { Services } from '../services/signing-config.ts'
import { publicServices } from '../services/signing-config.ts'
import type { TufRepository } from '../trust/tuf/client.ts'

/** Instances of Sigstore that a program knows by name: the public one, its staging, and GitHub's own. */
export const instanceNames = ['public', 'github', 'staging'] as const
export type InstanceName = (typeof instanceNames)[number]

/** One Sigstore: whom its repository makes trusted, and where it signs. */
export interface Instance {
  /** For messages: `public`, or the address of its TUF repository. */
  readonly name: string
  readonly repository: TufRepository
  /** Of the day when this program was made, for a start without network and cache. */
  readonly builtIn?: { readonly trustedRoot: Buffer; readonly taken: string } | undefined
  /** Where to sign when the repository has no signing config, or cannot be read. */
  readonly services?: Services | undefined
}

/** GitHub's own instance for private repositories of a server: no log, so that nothing about them is public. Each tenant of ghe.com has one. */
export function githubServicesAt(server: string): Services {
  const host = server === 'https://github.com' ? 'githubapp.com' : new URL(server).host
  return { authority: `https://fulcio.${host}`, logs: [], timestamps: [`https://timestamp.${host}/api/v1/timestamp`] }
}

/** That of github.com. */
export const githubServices = githubServicesAt('https://github.com')

const stagingServices: Services = {
  authority: 'https://fulcio.sigstage.dev',
  logs: [{ url: 'https://rekor.sigstage.dev', version: 1 }],
  timestamps: ['https://timestamp.sigstage.dev/api/v1/timestamp'],
}

/** An instance by name, with the roots that are built in. */
export async function knownInstance(name: InstanceName): Promise<Instance> {
  switch (name) {
    case 'public': {
      const { root, trustedRoot } = await import('./built-in/public.ts')
      const builtIn = { trustedRoot: decode(trustedRoot), taken: '2026-11-05' }
      return { name, repository: { url: 'https://tuf-repo-cdn.sigstore.dev', root: decode(root) }, builtIn, services: publicServices }
    }
    case 'staging': {
      const { root, trustedRoot } = await import('./built-in/staging.ts')
      const builtIn = { trustedRoot: decode(trustedRoot), taken: '2026-10-20' }
      return { name, repository: { url: 'https://tuf-repo-cdn.sigstage.dev', root: decode(root) }, builtIn, services: stagingServices }
    }
    case 'github': {
      const { root } = await import('./built-in/github.ts')
      return { name, repository: { url: 'https://tuf-repo.github.com', root: decode(root) }, services: githubServices }
    }
  }
}

/** A Sigstore of one's own, known by its TUF repository. */
export function privateInstance(repository: TufRepository): Instance {
  return { name: repository.url, repository }
}

function decode(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(''), 'base64')
}
