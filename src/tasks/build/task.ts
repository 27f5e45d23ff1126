import { buildErrors } from '../../domain/build/errors.ts'
import { chartErrors } from '../../domain/chart/errors.ts'
import { engineEnvironment } from '../../domain/engine/environment.ts'
import { engineErrors } from '../../domain/engine/errors.ts'
import { registryEnvironment } from '../../domain/oci/auth/environment.ts'
import { registryErrors } from '../../domain/oci/errors.ts'
import {
  diskFull,
  fileChanged,
  fileMalformed,
  fileMissing,
  fileName,
  fileTooLarge,
  fileUnreadable,
  pathOutside,
  processNotStarted,
  threadFailed,
  zipLimit,
  zipMalformed,
} from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, bytes, choice, duration, image, integer, list, map, path, secret, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { buildahStep } from './buildah-step.ts'

export const task = defineTask({
  name: 'build',
  summary: 'Build an image from files into an OCI layout: no daemon, no root, the same digest for the same input.',
  reads: [],
  writes: ['subject'],
  inputs: {
    context: path({
      default: '.',
      summary:
        'Folder that the files are taken from, or the one file of a static program. {os}, {arch}, {variant} and {platform} in it are replaced for each platform.',
      example: 'bin/{os}-{arch}/server',
    }),
    engine: choice(['auto', 'native', 'buildx', 'buildah', 'layout', 'chart'], {
      default: 'auto',
      summary:
        'What builds the image. `native` is Slipway itself: no daemon, no Dockerfile. `buildx` and `buildah` build a Dockerfile. `layout` builds nothing: the context is an OCI layout that another program left. `chart` packs a Helm chart: the context is its folder or its .tgz. `auto` is chart where the context has Chart.yaml and no Dockerfile, native where it has no Dockerfile, else buildx where Docker answers, else buildah.',
    }),
    builder: text({
      optional: true,
      summary:
        'Builder of buildx to build with, as `docker buildx ls` names it; it says that the engine is buildx. Default: the variable BUILDX_BUILDER, else the builder in use.',
      example: 'container',
    }),
    file: path({
      optional: true,
      summary: 'The Dockerfile, relative to the workspace. Default: Dockerfile, else Containerfile, of the context.',
      example: 'docker/Dockerfile',
    }),
    target: text({ optional: true, summary: 'Stage of the Dockerfile to build. Default: the last.', example: 'runtime' }),
    buildArgs: map({
      default: {},
      summary: 'Values for ARG instructions. They stay readable in the image: no secrets.',
      example: 'VERSION=1.4.0',
    }),
    secrets: secret({
      optional: true,
      summary:
        'Secrets for RUN --mount=type=secret, as lines of id=value or a JSON object. They reach the engine as files, and no argument, log or layer.',
    }),
    secretFiles: map({ default: {}, summary: 'Files for RUN --mount=type=secret, as id=path.', example: 'npmrc=.npmrc' }),
    network: choice(['default', 'none', 'host'], {
      default: 'default',
      summary: 'Network of RUN instructions: `none` for a build that must not reach out.',
    }),
    cacheFrom: list({
      default: [],
      split: 'lines',
      summary: 'Caches to read, as the engine names them: repositories, for buildx also type=registry|gha|local and so on.',
      example: 'type=registry,ref=ghcr.io/acme/app:cache',
    }),
    cacheTo: list({
      default: [],
      split: 'lines',
      summary: 'Caches to write, as the engine names them.',
      example: 'type=registry,ref=ghcr.io/acme/app:cache,mode=max',
    }),
    provenance: choice(['none', 'min', 'max'], {
      default: 'none',
      summary: 'Provenance by BuildKit, as a further manifest of the index; only buildx. The task attest makes it for any engine.',
    }),
    sbom: boolean({ default: false, summary: 'SBOM by BuildKit, as a further manifest of the index; only buildx.' }),
    sbomGenerator: image({
      optional: true,
      summary:
        'Image that makes that SBOM, for a builder that cannot reach Docker Hub or a scanner of your own. Default: docker/buildkit-syft-scanner.',
      example: 'harbor.example.com/mirror/buildkit-syft-scanner:1.9.0',
    }),
    timeout: duration({
      optional: true,
      summary: 'End the build of a Dockerfile, with all processes it started, after this time.',
      example: '20m',
    }),
    exitCode: text({
      optional: true,
      summary: 'With the engine `layout`: the exit code of the program that made the image, or the path of a file that holds it.',
      example: '0',
    }),
    chartVersion: text({
      optional: true,
      summary: 'Version of the chart, in place of the one in Chart.yaml; a plus in it is an underscore in its tag.',
      example: '1.4.0',
    }),
    appVersion: text({
      optional: true,
      summary: 'Version of what the chart installs, in place of the one in Chart.yaml.',
      example: '1.4.0',
    }),
    base: text({
      optional: true,
      summary:
        'What to build on: `scratch`, `node-runtime` (made of the Node that runs here), a reference that names its registry, or `oci:PATH` of a layout. Default: node-runtime for a Node project, else scratch.',
      example: 'docker.io/library/node:24-slim',
    }),
    baseLayers: choice(['auto', 'layout', 'registry'], {
      default: 'auto',
      summary:
        'Where the layers of a base from a registry go: `layout` copies them into the layout, so that any tool can read it; `registry` leaves them, and `push` mounts them there or sends them on without a copy on disk. `auto` is `registry` where `push-to` is given, else `layout`.',
    }),
    pushTo: image({
      optional: true,
      reference: 'repository',
      summary: 'The repository that `push` will send the image to, when it is known by now; nothing is sent because of it.',
      example: 'harbor.example.com/team/app',
    }),
    plan: choice(['auto', 'node', 'java', 'dotnet', 'go', 'rust', 'python', 'site', 'static', 'folder'], {
      default: 'auto',
      summary:
        'How files become layers. `auto` takes the first that fits: java or static for a context that is a file, none but `layers` where they are given, node for a folder with package.json, java, dotnet, go, rust, python or site for one that shows it and has no `entrypoint`, else folder.',
    }),
    explain: boolean({
      default: false,
      summary:
        'Write nothing and say what a build would make: its layers, why they are ones, and what a change of one line would send again.',
    }),
    layers: list({
      default: [],
      split: 'lines',
      summary:
        'Layers of your own, below those of the plan: SRC:DEST or SRC:DEST:PATTERN|PATTERN, where patterns are written as in .dockerignore.',
      example: 'dist:/app/dist:!**/*.map',
    }),
    programs: list({
      default: [],
      summary:
        'Programs of this machine that go into a base of node-runtime, each at its own path and with the libraries that it loads: names on PATH, or absolute paths.',
      example: 'git, /usr/lib/git-core/git-remote-https',
    }),
    entrypoint: list({
      optional: true,
      split: 'lines',
      summary: 'What a container runs: the program and its arguments. Default: from the plan, else from the base.',
      example: '["node", "dist/server.js"]',
    }),
    cmd: list({ optional: true, split: 'lines', summary: 'Default arguments, which whoever runs the image may replace.' }),
    env: map({
      default: {},
      summary: 'Environment variables of the container; they win over those of the base.',
      example: 'LOG_LEVEL=info',
    }),
    workdir: path({
      optional: true,
      summary:
        'Working directory of the program, into which plans put files. Default: /app, but from the base for the plans static, go, rust and site.',
    }),
    user: text({
      optional: true,
      summary: 'User that the program runs as: uid, uid:gid or names. Default: from the base, or 65532:65532 when that is root.',
    }),
    allowRoot: boolean({ default: false, summary: 'Let the image run as root.' }),
    labels: map({
      default: {},
      summary: 'Labels of the image configuration; they win over those that Slipway sets (source, revision) and those of the base.',
    }),
    annotations: map({
      default: {},
      summary:
        'Annotations of the manifests and the index; they win over those that Slipway sets (source, revision, base name and digest).',
    }),
    ports: list({ default: [], summary: 'Ports that the program listens on, as in EXPOSE of a Dockerfile.', example: '8080, 53/udp' }),
    stopSignal: text({ optional: true, summary: 'Signal that asks the program to stop, when it is not SIGTERM.', example: 'SIGINT' }),
    platforms: list({
      default: [],
      summary: 'Platforms to build for; several become one index. Default: linux on the processor of this machine.',
      example: 'linux/amd64, linux/arm64',
    }),
    layout: path({ default: '.slipway/layout', summary: 'Folder of the OCI layout to write to; it is made when it is not there.' }),
    compression: choice(['gzip', 'zstd', 'none'], {
      default: 'gzip',
      summary: 'How layers are compressed. `zstd` is smaller and faster; Docker before 23.0 and containerd before 1.5 cannot read it.',
    }),
    level: integer({
      optional: true,
      min: 0,
      max: 19,
      summary: 'Level of the compression: 0 to 9 for gzip, 1 to 19 for zstd; 1 by default. BuildKit has its own.',
    }),
    cache: path({
      default: '.slipway/cache',
      summary: 'Folder of the layers built before, an OCI layout, to be kept between runs; `none` for no cache.',
    }),
    cacheLimit: bytes({
      default: 2_147_483_648,
      summary: 'What the cache holds at most; what was used longest ago goes first.',
      example: '2GiB',
    }),
    sourceDateEpoch: integer({
      optional: true,
      max: 253_402_300_799,
      summary:
        'Creation time of the image in seconds since 1970; its files always have the time 1. Default: the variable SOURCE_DATE_EPOCH, else 0.',
    }),
  },
  outputs: {
    digest: out.digest({ summary: 'Digest of the manifest, or of the index when there are several platforms.' }),
    image: out.text({ summary: 'The image as other tools name it: oci:LAYOUT:latest; of a chart its version in place of latest.' }),
    layout: out.path({ summary: 'The layout that holds the image, as given.' }),
  },
  rules: [{ requires: ['sbomGenerator', 'sbom'] }],
  errors: [
    ...buildErrors,
    ...engineErrors,
    ...chartErrors,
    ...registryErrors,
    fileUnreadable,
    fileChanged,
    fileName,
    fileMalformed,
    fileMissing,
    fileTooLarge,
    pathOutside,
    processNotStarted,
    threadFailed,
    diskFull,
    zipMalformed,
    zipLimit,
  ],
  environment: ['SOURCE_DATE_EPOCH', ...engineEnvironment, ...registryEnvironment],
  hosts: {
    github: { icon: 'package', color: 'blue' },
    tekton: { resources: { cpu: '500m', memory: '256Mi', memoryLimit: '2Gi' }, makerStep: buildahStep },
  },
})
