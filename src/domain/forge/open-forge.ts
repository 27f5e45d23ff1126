import type { ForgeAddress } from './address.ts'
import type { Forge, ForgePorts } from './forge.ts'
import { giteaForge } from './gitea.ts'
import { githubForge } from './github.ts'
import { gitlabForge } from './gitlab.ts'

/** The API of a repository at its forge, with a token that may write there. */
export function openForge(address: ForgeAddress, token: string, ports: ForgePorts): Forge {
  switch (address.kind) {
    case 'github':
      return githubForge(address, token, ports)
    case 'gitlab':
      return gitlabForge(address, token, ports)
    case 'gitea':
      return giteaForge(address, token, ports)
  }
}
