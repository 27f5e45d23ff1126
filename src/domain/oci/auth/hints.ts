/** What to do about a refusal; `{registry}`, `{repository}`, `{project}` (its first part), `{name}` (the rest), `{region}` are replaced. */
export interface Hints {
  /** No credential was found. */
  readonly anonymous?: string
  /** The credential may not do this, or is none. */
  readonly denied?: string
  /** There is no such repository. */
  readonly missing?: string
}

/** By the name of a family. */
export const hints = {
  'Amazon ECR Public': {
    anonymous: 'Set AWS_ROLE_ARN, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    denied:
      'The role needs ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken, to push also AmazonElasticContainerRegistryPublicPowerUser.',
    missing: "aws ecr-public create-repository --region us-east-1 --repository-name '{name}'",
  },
  'Amazon ECR': {
    anonymous:
      'Set AWS_ROLE_ARN (on GitHub with `permissions: id-token: write`), run with IRSA or Pod Identity on EKS, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    denied:
      'The role needs ecr:GetAuthorizationToken and, on {repository}, what the policy AmazonEC2ContainerRegistryPowerUser allows; a password older than twelve hours is refused as well.',
    missing: "aws ecr create-repository --region {region} --repository-name '{repository}'",
  },
  'Google Artifact Registry': {
    anonymous: 'Set GOOGLE_APPLICATION_CREDENTIALS to a workload identity configuration (google-github-actions/auth writes one).',
    denied:
      'gcloud artifacts repositories add-iam-policy-binding REPOSITORY --project={project} --location=LOCATION --member=MEMBER --role=roles/artifactregistry.writer; it answers the same when the repository does not exist',
    missing: 'gcloud artifacts repositories create REPOSITORY --project={project} --location=LOCATION --repository-format=docker',
  },
  'Azure Container Registry': {
    anonymous:
      'Set AZURE_CLIENT_ID and AZURE_TENANT_ID (on GitHub with `permissions: id-token: write`), or run with workload identity on AKS.',
    denied:
      'az role assignment create --role AcrPush --assignee "$AZURE_CLIENT_ID" --scope "$(az acr show --name {registry} --query id --output tsv)"',
  },
  'GitHub Packages': {
    anonymous:
      'On GitHub pass `github.token` as the variable GITHUB_TOKEN and set `permissions: packages: write`; elsewhere use a token with write:packages.',
    denied:
      'Set `permissions: packages: write`, and in the settings of the package {repository} give this repository the role Write under “Manage Actions access”.',
  },
  'Docker Hub': {
    anonymous: 'Set `username` and, as `password`, an access token of hub.docker.com with Read & Write; or: docker login -u USER',
    denied: 'The access token needs Read & Write, and its user must be a member of {project}; docker.io/library is nobody’s to push to.',
  },
  Quay: {
    anonymous:
      'Set SLIPWAY_QUAY_ROBOT to a robot with federation for this workflow, or `username` to ORGANISATION+ROBOT and `password` to its token.',
    denied: 'Give the robot the permission Write on {repository}; Quay answers the same when the organisation {project} does not exist.',
  },
  Harbor: {
    anonymous: "Set `username` to a robot of the project {project} ('robot$PROJECT+NAME' in single quotes) and `password` to its secret.",
    denied:
      "Harbor answers the same when the project {project} does not exist, when the robot lacks push or pull there, and when it has expired; and a `$` in its name is lost in double quotes: write 'robot$…'.",
  },
  GitLab: {
    anonymous: 'In a job CI_REGISTRY, CI_REGISTRY_USER and CI_REGISTRY_PASSWORD do; elsewhere use a deploy token with write_registry.',
    denied:
      'A job may push below its own $CI_REGISTRY_IMAGE only; elsewhere use a deploy token of that project with read_registry and write_registry.',
  },
  'Forgejo or Gitea': {
    anonymous: 'Set `username` and, as `password`, an access token with the scope write:package.',
    denied: 'The access token needs the scope write:package, and its user must be {project} or an owner or writer of that organisation.',
  },
  Artifactory: {
    anonymous: 'Set `username` and, as `password`, an identity token or an API key.',
    denied: 'The user needs Deploy/Cache, Annotate and Read on the repository {project}; to move a tag also Delete/Overwrite.',
  },
} as const satisfies Readonly<Record<string, Hints>>
