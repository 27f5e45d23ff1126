/** Where buildah leaves the image on Tekton, below the volume that both steps of that Task have. */
const layout = '/var/lib/containers/slipway'

/**
 * The Task for Dockerfiles on Tekton: buildah in the user's image, with the rights that it needs and no way to our results; then
 * our step, restricted as everywhere, which checks, packs and records what it left.
 */
export const buildahStep = {
  name: 'build-dockerfile',
  summary: 'Build a Dockerfile with buildah into an OCI layout; a second step, which has no rights, checks and records the image.',
  docs: 'docs/guides/dockerfile.md',
  image: 'An image that has buildah, with tag and digest, such as quay.io/buildah/stable.',
  params: [
    {
      name: 'context',
      type: 'string',
      description: 'Folder that the Dockerfile takes files from, relative to the workspace.',
      default: '.',
    },
    {
      name: 'file',
      type: 'string',
      description: 'The Dockerfile, relative to the workspace or else to the context.',
      default: 'Dockerfile',
    },
    {
      name: 'arguments',
      type: 'array',
      description:
        'Further arguments of `buildah build`, each as one: --build-arg=VERSION=1.4.0, --target=app, --secret=id=token,src=/workspace/build-secrets/token.',
      default: [],
    },
    {
      name: 'source-date-epoch',
      type: 'string',
      description: 'Time of the image and of all files in the layers that are built, in seconds since 1970.',
      default: '0',
    },
  ],
  command: ['buildah', 'build'],
  args: [
    ...['--format=oci', '--identity-label=false', '--timestamp=$(params.source-date-epoch)', '--file=$(params.file)'],
    ...['$(params.arguments[*])', `--tag=oci:${layout}:latest`, '$(params.context)'],
  ],
  env: { BUILDAH_ISOLATION: 'chroot', STORAGE_DRIVER: 'vfs' },
  capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'SETFCAP', 'SETGID', 'SETUID', 'SYS_CHROOT'],
  resources: { cpu: '500m', memory: '512Mi', memoryLimit: '4Gi' },
  fixed: [
    ['engine', 'layout'],
    ['context', layout],
  ],
  exitCode: 'exitCode',
  keep: ['annotations', 'layout', 'compression', 'level'],
} as const
