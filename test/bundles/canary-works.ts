import { admin, robot, secrets, sshKey, token } from './canaries.ts'
import type { CanaryScene } from './canary-scene.ts'

/** A task with what it is given; by name, whether it is to fail. */
export interface Work {
  readonly task: string
  /** Lists are arrays, as Tekton has them. */
  readonly inputs: Readonly<Record<string, string | readonly string[]>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Its exit code; 0 by default. */
  readonly exit?: number
}

/** The whole road, and what goes wrong on it, with a secret wherever one can be given; each host has an image and a repository of its own. */
export function works(scene: CanaryScene, host: string): readonly Work[] {
  return [...road(scene, host), ...signing(scene), ...findings(scene), ...delivery(scene, host), ...administration(scene)]
}

const account = { inputs: { username: robot }, secrets: { password: secrets.registry } }
const wrong = { ...account, secrets: { password: `${secrets.registry} wrong` }, exit: 4 }
const command = ['node', '-e', '0']

function road({ registry, echo }: CanaryScene, host: string): readonly Work[] {
  const image = `${registry}/team/${host}`
  const files = { context: 'app', base: 'scratch', plan: 'folder' }
  return [
    { task: 'source', inputs: { repository: `${echo}/app.git`, path: 'elsewhere' }, secrets: { password: secrets.source }, exit: 4 },
    { task: 'test', inputs: { command, 'fail-on-no-tests': 'false' } },
    { task: 'build', inputs: { ...files, entrypoint: ['/app/run'] } },
    // Our own engine runs nothing of the user's, and says that it would not use it.
    { task: 'build', inputs: files, secrets: { secrets: `npm=${secrets.build}` }, exit: 2 },
    { task: 'push', inputs: { ...account.inputs, image, tags: ['1.0.0'], 'tags-last': 'true' }, secrets: account.secrets },
    { task: 'push', ...wrong, inputs: { ...wrong.inputs, image } },
  ]
}

function signing({ echo }: CanaryScene): readonly Work[] {
  const byKey = { key: 'env://COSIGN_PRIVATE_KEY' }
  const byToken = { 'fulcio-url': echo, 'rekor-url': echo, timeout: '1s' }
  const password = (text: string): Record<string, string> => ({ ...account.secrets, 'key-password': text })
  return [
    { task: 'sign', inputs: { ...account.inputs, ...byKey, format: 'both' }, secrets: password(secrets.key) },
    { task: 'sign', inputs: { ...account.inputs, ...byKey }, secrets: password(`${secrets.key}!`), exit: 4 },
    { task: 'sign', inputs: { ...account.inputs, ...byToken }, secrets: { ...account.secrets, 'identity-token': token }, exit: 4 },
    { task: 'attest', inputs: { ...account.inputs, ...byKey }, secrets: password(secrets.key) },
    { task: 'attest', inputs: { ...account.inputs, ...byToken }, secrets: { ...account.secrets, 'identity-token': token }, exit: 4 },
    { task: 'verify', inputs: { ...account.inputs, 'as-signed': 'true' }, secrets: account.secrets },
    { task: 'verify', ...wrong, inputs: { ...wrong.inputs, 'as-signed': 'true' } },
    { task: 'tag', ...account },
  ]
}

function findings({ harbor }: CanaryScene): readonly Work[] {
  const asked = { source: ['harbor'], 'harbor-image': `${new URL(harbor).host}/library/app`, 'scanner-timeout': '2s' }
  const reports = { reports: ['trivy.json'], 'report-subject': 'assumed', upload: 'false' }
  return [
    { task: 'sbom', inputs: {} },
    { task: 'scan', inputs: reports },
    { task: 'scan', inputs: { ...asked, username: admin }, secrets: { password: secrets.harbor }, exit: 4 },
    { task: 'scan', inputs: { ...asked, username: admin }, secrets: { password: `${secrets.harbor}!` }, exit: 4 },
  ]
}

function delivery({ registry, echo, git, argocd }: CanaryScene, host: string): readonly Work[] {
  const image = `${registry}/team/${host}`
  const targets = { targets: ['kustomize kustomization.yaml app'], branch: 'main' }
  const byForge = { mode: 'api', forge: 'gitea', 'forge-url': `${echo}/api` }
  const reading = { 'registry-username': robot }
  const readingBy = { 'registry-password': secrets.registry }
  const sync = { server: argocd, apps: ['web'], revision: 'c'.repeat(40), timeout: '2s', grace: '1s', deployment: 'off' }
  return [
    {
      task: 'promote',
      inputs: { ...account.inputs, 'from-username': robot, from: image, to: `${image}/prod`, tags: ['stable'] },
      secrets: { ...account.secrets, 'from-password': secrets.registry },
    },
    {
      task: 'gitops-update',
      inputs: { ...targets, ...reading, repository: `${git}/${host}.git` },
      secrets: { ...readingBy, password: secrets.git, 'signing-key': sshKey },
      // ssh-keygen wants a name for its user, which the image of our Tasks has and this machine has not.
      exit: host === 'tekton' && process.getuid?.() === 0 ? 2 : 0,
    },
    {
      task: 'gitops-update',
      inputs: { ...targets, ...reading, repository: `${echo}/deploy.git` },
      secrets: { ...readingBy, password: secrets.git },
      exit: 4,
    },
    {
      task: 'gitops-update',
      inputs: { ...targets, ...reading, ...byForge, repository: `${echo}/acme/deploy.git` },
      secrets: { ...readingBy, password: secrets.git, 'forge-token': secrets.forge },
      exit: 4,
    },
    { task: 'argocd-sync', inputs: { ...sync, username: admin }, secrets: { password: secrets.argocd }, exit: 4 },
    { task: 'argocd-sync', inputs: { ...sync, username: admin }, secrets: { password: `${secrets.argocd}!` }, exit: 4 },
    {
      task: 'argocd-sync',
      inputs: { ...sync, server: echo, repository: `${echo}/deploy.git`, environment: 'production', deployment: 'required' },
      secrets: {
        ...{ token: secrets.argocdToken, headers: `x-proxy: ${secrets.proxy}` },
        ...{ 'git-password': secrets.git, 'github-token': secrets.forge },
      },
      exit: 4,
    },
    { task: 'report', inputs: {} },
  ]
}

function administration({ harbor, echo }: CanaryScene): readonly Work[] {
  const by = { username: admin }
  const [right, not] = [{ password: secrets.harbor }, { password: `${secrets.harbor}!` }]
  const image = `${new URL(harbor).host}/library/app`
  const project = { url: harbor, file: 'harbor.yaml', mode: 'apply' }
  const named = { secrets: `CI=${secrets.webhook}` }
  return [
    { task: 'preflight', inputs: { ...by, image }, secrets: right },
    { task: 'preflight', inputs: { ...by, image }, secrets: not, exit: 4 },
    { task: 'harbor-project', inputs: { ...by, ...project }, secrets: { ...right, ...named } },
    {
      task: 'harbor-project',
      inputs: { ...by, ...project, mode: 'check' },
      secrets: { ...right, secrets: `CI=${secrets.proxy}` },
      exit: 3,
    },
    { task: 'harbor-project', inputs: { ...by, ...project }, secrets: { ...not, ...named }, exit: 4 },
    { task: 'harbor-project', inputs: { ...by, ...project, url: echo }, secrets: { ...right, ...named }, exit: 4 },
  ]
}
