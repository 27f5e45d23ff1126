import { buildErrors } from '../../domain/build/errors.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import { diskFull, fileChanged, fileName, fileUnreadable, pathOutside } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, integer, list, map, path, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'build',
  summary: 'Build an image from files into an OCI layout: no daemon, no root, the same digest for the same input.',
  reads: [],
  writes: ['subject'],
  inputs: {
    context: path({
      default: '.',
      summary:
        'Folder that files are taken from, or the file of a static program. {os}, {arch}, {variant} and {platform} stand for each platform’s.',
      example: 'bin/{os}-{arch}/server',
    }),
    engine: choice(['auto', 'native'], { default: 'auto', summary: 'Who builds. `native` is this program itself, and what `auto` means.' }),
    base: text({
      optional: true,
      summary:
        'What to build on: `scratch`, `node-runtime` (made of the Node that runs here), a reference that names its registry, or `oci:PATH` of a layout. Default: node-runtime for a Node project, else scratch.',
      example: 'docker.io/library/node:24-slim',
    }),
    plan: choice(['auto', 'node', 'static', 'folder'], {
      default: 'auto',
      summary:
        'How files become layers. `auto`: static when the context is a file, only `layers` when there are some, node when there is a package.json, else folder.',
    }),
    layers: list({
      default: [],
      split: 'lines',
      summary: 'Layers of your own, SRC:DEST or SRC:DEST:PATTERN|PATTERN, before those of the plan. Patterns are those of .dockerignore.',
      example: 'dist:/app/dist:!**/*.map',
    }),
    entrypoint: list({
      optional: true,
      split: 'lines',
      summary: 'Program and arguments. Default: from the plan, else from the base.',
      example: '["node", "dist/server.js"]',
    }),
    cmd: list({ optional: true, split: 'lines', summary: 'Arguments that whoever runs the image may replace.' }),
    env: map({ default: {}, summary: 'Variables, over those of the base.', example: 'LOG_LEVEL=info' }),
    workdir: path({
      optional: true,
      summary: 'Folder that the program starts in, and where the plans node and folder put files. Default for those: /app.',
    }),
    user: text({ optional: true, summary: 'uid, uid:gid or names. Default: the base’s, or 65532:65532 when that is root.' }),
    allowRoot: boolean({ default: false, summary: 'Let the image run as root.' }),
    labels: map({ default: {}, summary: 'Labels of the configuration, over ours (source, revision) and the base’s.' }),
    annotations: map({ default: {}, summary: 'Annotations of manifests and index, over ours (source, revision, base name and digest).' }),
    ports: list({ default: [], summary: 'Ports that the program listens on.', example: '8080, 53/udp' }),
    stopSignal: text({ optional: true, summary: 'Signal that asks the program to stop, when it is not SIGTERM.', example: 'SIGINT' }),
    platforms: list({
      default: [],
      summary: 'Platforms, each one image of an index. Default: linux on this machine’s processor.',
      example: 'linux/amd64, linux/arm64',
    }),
    layout: path({ default: '.slipway/layout', summary: 'OCI layout to write to; made when it is not there.' }),
    sourceDateEpoch: integer({
      optional: true,
      max: 253_402_300_799,
      summary:
        'Seconds since 1970 for what the image says of its age; files always have one second after 1970. Default: SOURCE_DATE_EPOCH, else 0.',
    }),
  },
  outputs: {
    digest: out.digest({ summary: 'Digest of the manifest, or of the index when there are several platforms.' }),
    image: out.text({ summary: 'The image as other tools name it: oci:LAYOUT:latest.' }),
    layout: out.path({ summary: 'The layout that holds it, as given.' }),
  },
  errors: [...buildErrors, ...registryErrors, fileUnreadable, fileChanged, fileName, pathOutside, diskFull],
  environment: ['SOURCE_DATE_EPOCH', 'DOCKER_AUTH_CONFIG', 'DOCKER_CONFIG', 'REGISTRY_AUTH_FILE', 'XDG_RUNTIME_DIR', 'HOME'],
  hosts: {
    github: { icon: 'package', color: 'blue' },
    tekton: { resources: { cpu: '500m', memory: '256Mi', memoryLimit: '2Gi' } },
  },
})
