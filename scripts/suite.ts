// The suites that need programs of the machine: `npm run test:integration`, `npm run test:e2e`.
// Where something is missing they say what and do not run; with CI=true that is a failure.
//   node scripts/suite.ts integration|scanners|e2e [ARGUMENT...]     arguments go to jest
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { kubectl } from '../test/real/cluster.ts'
import { pushTaskImage } from '../test/real/task-image.ts'
import { jest } from './jest.ts'
import { isNodeTaken, Lab, labFile } from './lab.ts'

/** Programs by suite; the ones of the lab are fetched by `lab get debian distribution tools kube tekton sigstore`, and `scanners` for that suite. */
const needs = {
  integration:
    'docker-registry registry skopeo umoci buildah runc busybox crane regctl cosign cosign2 notation docker helm kustomize ssh-keygen gpg openssl redis-server dockerd ip go'.split(
      ' ',
    ),
  scanners: ['crane', 'go', 'npm', 'dpkg-query', 'debootstrap', 'osv-scanner', 'syft', 'grype', 'trivy'],
  e2e: 'docker-registry act argocd crane curl docker git kubectl runc busybox ip openssl cosign redis-server go'.split(' '),
} as const

const [suite, ...rest] = process.argv.slice(2)
if (suite !== 'integration' && suite !== 'e2e' && suite !== 'scanners') {
  throw new Error(`the suite is ${JSON.stringify(suite)}, expected integration, scanners or e2e`)
}
process.exitCode = (await run(suite)) ? 0 : 1

async function run(name: keyof typeof needs): Promise<boolean> {
  const path = [...(existsSync(labFile) ? Lab.path() : []), ...(process.env['PATH'] ?? '').split(delimiter)]
  const missing = [
    ...(existsSync(labFile) ? [] : [`the lab at ${labFile}`]),
    ...(process.getuid?.() === 0 ? [] : ['root, which the lab needs to run pods and Docker']),
    ...(name === 'e2e' && isNodeTaken()
      ? ['room: a kubelet runs here, and two end one another’s pods (SLIPWAY_LAB_RUNNING=its folder)']
      : []),
    ...needs[name].filter((program) => !path.some((folder) => existsSync(join(folder, program)))),
  ]
  if (missing.length > 0) return cannotRun(name, missing)
  const env = { ...process.env, PATH: path.join(delimiter) }
  if (name === 'scanners') return jest(name, rest, env)
  using lab = new Lab(name, name === 'integration' ? ['docker', 'sigstore'] : ['tekton', 'argocd', 'docker', 'sigstore'])
  Object.assign(process.env, env, lab.env)
  if (name === 'integration') return jest(name, rest)
  let ok = false
  try {
    await prepareTekton()
    ok = jest(name, rest)
  } finally {
    if (!ok) lab.keepLogs()
  }
  return ok
}

/** What all suites on the cluster share: Tekton's own containers fit restricted namespaces, and our image is in the registry. */
async function prepareTekton(): Promise<void> {
  const flags = { data: { 'set-security-context': 'true' } }
  await kubectl(['-n', 'tekton-pipelines', 'patch', 'configmap', 'feature-flags', '--patch', JSON.stringify(flags)])
  process.env['TASK_IMAGE'] = await pushTaskImage(process.env['LAB_REGISTRY'] ?? '')
}

/** Without CI the absence of a program is not a failure of ours. */
function cannotRun(name: string, missing: readonly string[]): boolean {
  const ci = process.env['CI'] === 'true'
  process.stderr.write(`${name} ${ci ? 'cannot run' : 'skipped'}: not found: ${missing.join(', ')}\n`)
  return !ci
}
