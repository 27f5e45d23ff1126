import { ecrLogin } from './aws/ecr.ts'
import { ecrRegistry } from './aws/registry.ts'
import { acrLogin } from './azure/acr.ts'
import { azureCloud } from './azure/registry.ts'
import type { Challenge } from './challenge.ts'
import type { Credential } from './credential.ts'
import { artifactRegistryLogin, isArtifactRegistry } from './gcp/artifact-registry.ts'
import type { KeylessPorts } from './keyless-ports.ts'

/** A product that speaks the registry protocol: how it is known, how one logs in without a stored secret, what its refusals mean. */
export interface Family {
  readonly name: string
  /** By its host, as the user writes it and whole: a look-alike is not of the family. */
  readonly isHost?: (registry: string) => boolean
  /** By what it says when it asks for a login; only good for hints. */
  readonly says?: (challenge: Challenge) => boolean
  /** Undefined when nothing here identifies this run to the registry’s cloud. */
  readonly login?: (registry: string, ports: KeylessPorts) => Promise<Credential | undefined>
  /** What to do about a refusal; `{registry}`, `{repository}`, `{project}` (its first part), `{name}`, `{region}` are replaced. */
  readonly hints: {
    /** No credential was found. */
    readonly anonymous?: string
    /** The credential may not do this, or is none. */
    readonly denied?: string
    /** There is no such repository. */
    readonly missing?: string
  }
}

const parameter = ({ parameters }: Challenge, name: string): string => parameters.get(name) ?? ''

/** Known families; any other registry works as well, without keyless login and hints of its own. */
export const families: readonly Family[] = [
  {
    name: 'Amazon ECR Public',
    isHost: (registry) => registry === 'public.ecr.aws',
    login: ecrLogin,
    hints: {
      anonymous: 'Set AWS_ROLE_ARN, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      denied:
        'The role needs ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken, to push also AmazonElasticContainerRegistryPublicPowerUser.',
      missing: "aws ecr-public create-repository --region us-east-1 --repository-name '{name}'",
    },
  },
  {
    name: 'Amazon ECR',
    isHost: (registry) => ecrRegistry(registry) !== undefined,
    login: ecrLogin,
    hints: {
      anonymous:
        'Set AWS_ROLE_ARN (on GitHub with `permissions: id-token: write`), run with IRSA or Pod Identity on EKS, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
      denied: 'The role needs ecr:GetAuthorizationToken and, on {repository}, what the policy AmazonEC2ContainerRegistryPowerUser allows.',
      missing: "aws ecr create-repository --region {region} --repository-name '{repository}'",
    },
  },
  {
    name: 'Google Artifact Registry',
    isHost: isArtifactRegistry,
    login: artifactRegistryLogin,
    hints: {
      anonymous: 'Set GOOGLE_APPLICATION_CREDENTIALS to a workload identity configuration (google-github-actions/auth writes one).',
      denied:
        'gcloud artifacts repositories add-iam-policy-binding REPOSITORY --project={project} --location=LOCATION --member=MEMBER --role=roles/artifactregistry.writer; it answers the same when the repository does not exist',
      missing: 'gcloud artifacts repositories create REPOSITORY --project={project} --location=LOCATION --repository-format=docker',
    },
  },
  {
    name: 'Azure Container Registry',
    isHost: (registry) => azureCloud(registry) !== undefined,
    login: acrLogin,
    hints: {
      anonymous:
        'Set AZURE_CLIENT_ID and AZURE_TENANT_ID (on GitHub with `permissions: id-token: write`), or run with workload identity on AKS.',
      denied:
        'az role assignment create --role AcrPush --assignee "$AZURE_CLIENT_ID" --scope "$(az acr show --name {registry} --query id --output tsv)"',
    },
  },
  {
    name: 'GitHub Packages',
    isHost: (registry) => registry === 'ghcr.io' || /^containers\.[a-z0-9-]+\.ghe\.com$/.test(registry),
    hints: {
      anonymous:
        'On GitHub pass `github.token` as the variable GITHUB_TOKEN and set `permissions: packages: write`; elsewhere use a token with write:packages.',
      denied:
        'Set `permissions: packages: write`, and in the settings of the package {repository} give this repository the role Write under “Manage Actions access”.',
    },
  },
  {
    name: 'Docker Hub',
    isHost: (registry) => registry === 'docker.io',
    hints: {
      anonymous: 'Set `username` and, as `password`, an access token of hub.docker.com with Read & Write; or: docker login -u USER',
      denied: 'The access token needs Read & Write, and its user must be a member of {project}; docker.io/library is nobody’s to push to.',
    },
  },
  {
    name: 'Quay',
    isHost: (registry) => registry === 'quay.io',
    says: (challenge) => /\/v2\/auth$/.test(parameter(challenge, 'realm')) && challenge.scheme === 'bearer',
    hints: {
      anonymous:
        'Set SLIPWAY_QUAY_ROBOT to a robot with federation for this workflow, or `username` to ORGANISATION+ROBOT and `password` to its token.',
      denied: 'Give the robot the permission Write on {repository}; Quay answers the same when the organisation {project} does not exist.',
    },
  },
  {
    name: 'Harbor',
    says: (challenge) => parameter(challenge, 'service') === 'harbor-registry' || parameter(challenge, 'realm') === 'harbor',
    hints: {
      anonymous: "Set `username` to a robot of the project {project} ('robot$PROJECT+NAME' in single quotes) and `password` to its secret.",
      denied:
        "Harbor answers the same when the project {project} does not exist, when the robot lacks push or pull there, and when it has expired; and a `$` in its name is lost in double quotes: write 'robot$…'.",
    },
  },
  {
    name: 'GitLab',
    says: (challenge) => parameter(challenge, 'service') === 'container_registry' && /\/jwt\/auth$/.test(parameter(challenge, 'realm')),
    hints: {
      anonymous: 'In a job CI_REGISTRY, CI_REGISTRY_USER and CI_REGISTRY_PASSWORD do; elsewhere use a deploy token with write_registry.',
      denied:
        'A job may push below its own $CI_REGISTRY_IMAGE only; elsewhere use a deploy token of that project with read_registry and write_registry.',
    },
  },
  {
    name: 'Forgejo or Gitea',
    says: (challenge) => /\/v2\/token$/.test(parameter(challenge, 'realm')) && parameter(challenge, 'service') === 'container_registry',
    hints: {
      anonymous: 'Set `username` and, as `password`, an access token with the scope write:package.',
      denied: 'The access token needs the scope write:package, and its user must be {project} or an owner or writer of that organisation.',
    },
  },
  {
    name: 'Artifactory',
    says: (challenge) =>
      /^Artifactory Realm$/i.test(parameter(challenge, 'realm')) ||
      /\/artifactory\/api\/docker\/|\/v2\/token$/.test(parameter(challenge, 'realm')),
    hints: {
      anonymous: 'Set `username` and, as `password`, an identity token or an API key.',
      denied: 'The user needs Deploy/Cache, Annotate and Read on the repository {project}; to move a tag also Delete/Overwrite.',
    },
  },
]

/** The family of a registry: by its host, else by what it says when it asks for a login. */
export function familyOf(registry: string, challenges: readonly Challenge[] = []): Family | undefined {
  return families.find(({ isHost }) => isHost?.(registry)) ?? families.find(({ says }) => says !== undefined && challenges.some(says))
}
