import type { KeylessPorts } from '../../cloud/keyless-ports.ts'
import { ecrRegistry } from './aws/registry.ts'
import { azureCloud } from './azure/registry.ts'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { isArtifactRegistry } from './gcp/registry.ts'
import type { hints } from './hints.ts'

/** A product that speaks the registry protocol: how it is known, and how one logs in without a stored secret. */
export interface Family {
  readonly name: keyof typeof hints
  /** By its host, as the user writes it and whole: a look-alike is not of the family. */
  readonly isHost?: (registry: string) => boolean
  /** By what it says when it asks for a login; only good for hints. */
  readonly says?: (challenge: Challenge) => boolean
  /** Undefined when nothing here identifies this run to the registry’s cloud. */
  readonly login?: (registry: string, ports: KeylessPorts) => Promise<Credential | undefined>
}

const parameter = ({ parameters }: Challenge, name: string): string => parameters.get(name) ?? ''

/** A cloud’s login is loaded where one logs in to it. */
const amazon: Family['login'] = async (registry, ports) => (await import('./aws/ecr.ts')).ecrLogin(registry, ports)

/** Known families; any other registry works as well, without keyless login and hints of its own. */
export const families: readonly Family[] = [
  {
    name: 'Amazon ECR Public',
    isHost: (registry) => registry === 'public.ecr.aws',
    login: amazon,
  },
  {
    name: 'Amazon ECR',
    isHost: (registry) => ecrRegistry(registry) !== undefined,
    login: amazon,
  },
  {
    name: 'Google Artifact Registry',
    isHost: isArtifactRegistry,
    login: async (registry, ports) => (await import('./gcp/artifact-registry.ts')).artifactRegistryLogin(registry, ports),
  },
  {
    name: 'Azure Container Registry',
    isHost: (registry) => azureCloud(registry) !== undefined,
    login: async (registry, ports) => (await import('./azure/acr.ts')).acrLogin(registry, ports),
  },
  {
    name: 'GitHub Packages',
    isHost: (registry) => registry === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(registry),
  },
  {
    name: 'Docker Hub',
    isHost: (registry) => registry === 'docker.io',
  },
  {
    name: 'Quay',
    isHost: (registry) => registry === 'quay.io',
    says: (challenge) => /\/v2\/auth$/.test(parameter(challenge, 'realm')) && challenge.scheme === 'bearer',
  },
  {
    name: 'Harbor',
    says: (challenge) => parameter(challenge, 'service') === 'harbor-registry' || parameter(challenge, 'realm') === 'harbor',
  },
  {
    name: 'GitLab',
    says: (challenge) => parameter(challenge, 'service') === 'container_registry' && /\/jwt\/auth$/.test(parameter(challenge, 'realm')),
  },
  {
    name: 'Forgejo or Gitea',
    says: (challenge) => /\/v2\/token$/.test(parameter(challenge, 'realm')) && parameter(challenge, 'service') === 'container_registry',
  },
  {
    name: 'Artifactory',
    says: (challenge) =>
      /^Artifactory Realm$/i.test(parameter(challenge, 'realm')) ||
      /\/artifactory\/api\/docker\/|\/v2\/token$/.test(parameter(challenge, 'realm')),
  },
]

/** The family of a registry: by its host, else by what it says when it asks for a login. */
export function familyOf(registry: string, challenges: readonly Challenge[] = []): Family | undefined {
  return families.find(({ isHost }) => isHost?.(registry)) ?? families.find(({ says }) => says !== undefined && challenges.some(says))
}
