import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { writeImage } from '../../../test/fakes/image.ts'
import { fakePorts } from '../../../test/fakes/ports.ts'
import { sha256 } from '../../base/digest.ts'
import { processNotFound } from '../../io/errors.ts'
import { removeTreeSync } from '../../io/files.ts'
import type { Processes, ProcessRequest, ProcessResult } from '../../spec/ports.ts'
import { createLayout } from '../oci/layout.ts'
import { mediaTypes } from '../oci/types.ts'
import { chooseEngine } from './choose.ts'
import type { DockerfileRequest, Engine } from './request.ts'

type Answer = Partial<ProcessResult> & { readonly does?: (request: ProcessRequest) => Promise<void> }

const folders: string[] = []
afterAll(() => {
  for (const folder of folders) removeTreeSync(folder)
})

/** Programs that answer as recorded, by the beginning of their command line; the longest that fits decides. */
function machine(answers: Readonly<Record<string, Answer>>, environment: Record<string, string> = {}) {
  const ran: ProcessRequest[] = []
  const run: Processes['run'] = async (request) => {
    ran.push(request)
    const line = request.argv.join(' ')
    const found = Object.keys(answers)
      .filter((begin) => line.startsWith(begin))
      .sort((a, b) => b.length - a.length)[0]
    if (found === undefined) throw processNotFound(`Cannot start "${request.argv[0]}".`)
    const { does, ...answer } = answers[found] ?? {}
    await does?.(request)
    return { code: 0, signal: null, timedOut: false, stdout: '', stderr: '', duration: 1, ...answer }
  }
  const find: Processes['find'] = async (program) =>
    Object.keys(answers).some((line) => line.startsWith(program)) ? `/bin/${program}` : undefined
  const { ports, recorded } = fakePorts({ process: { run, find }, environment })
  folders.push(ports.files.workspace)
  return { ports, ran, recorded, folder: ports.files.workspace }
}

const buildah = { 'buildah --version': { stdout: 'buildah version 1.28.2 (image-spec 1.1.0-rc2, runtime-spec 1.0.2-dev)\n' } }
const buildx = {
  'docker buildx version': { stdout: 'github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4\n' },
  // buildx 0.29, as its text has been since 0.4
  'docker buildx inspect': {
    stdout: 'Name:   default\nDriver: docker\n\nNodes:\nName:             default\nEndpoint:         default\nStatus:           running\n',
  },
  'docker info': { stdout: '[["driver-type","io.containerd.snapshotter.v1"]]\n' },
}
const silent = {
  ...buildx,
  'docker buildx inspect': {
    stdout:
      'Name:          default\nDriver:        \nError:         Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?\n',
  },
}

describe('the engine that auto takes', () => {
  test.each<[string, Readonly<Record<string, Answer>>, string, RegExp]>([
    ['both', { ...buildah, ...buildx }, 'buildx 0.29.1+ds1', /Docker with buildx answers/],
    ['buildah alone', buildah, 'buildah 1.28.2', /no buildx: docker is not on PATH/],
    [
      'buildah, and Docker that is down',
      { ...buildah, ...silent },
      'buildah 1.28.2',
      /no buildx: the builder does not answer: Cannot connect/,
    ],
    [
      'buildah, and Docker without buildx',
      {
        ...buildah,
        'docker buildx': { code: 1, stderr: "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information" },
      },
      'buildah 1.28.2',
      /no buildx: docker says: docker: unknown command/,
    ],
    [
      'buildah, and Docker that hangs',
      { ...buildah, 'docker buildx': { code: null, timedOut: true } },
      'buildah 1.28.2',
      /did not answer within 30 s/,
    ],
  ])('of %s', async (_, answers, name, why) => {
    const chosen = await chooseEngine('auto', machine(answers).ports)
    expect(`${chosen.engine.name} ${chosen.engine.version}`).toBe(name)
    expect(chosen.why).toMatch(why)
  })

  test.each([
    ['auto', {}, /docker is not on PATH; buildah is not on PATH/, /apt-get install buildah; or start Docker; or set engine: native/],
    ['buildah', buildx, /engine is buildah, and it cannot be used: buildah is not on PATH/, /apt-get install buildah/],
    ['buildx', { ...buildah, ...silent }, /engine is buildx, and it cannot be used: the builder does not answer/, /docker buildx inspect/],
  ] as const)('%s is refused when there is none', async (asked, answers, message, hint) => {
    await expect(chooseEngine(asked, machine(answers).ports)).rejects.toMatchObject({
      code: 'SW-ENGINE-MISSING',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })
})

const request = (folder: string): DockerfileRequest => ({
  ...{ context: folder, file: join(folder, 'Dockerfile'), buildArgs: {}, secrets: [], labels: {}, annotations: {}, network: 'default' },
  ...{ cacheFrom: [], cacheTo: [], provenance: 'none', sbom: false, compression: { algorithm: 'gzip' }, created: 0 },
  platforms: [{ os: 'linux', architecture: 'amd64' }],
})

const leaveImage = async (folder: string): Promise<string> => (await writeImage(await createLayout(folder))).descriptor.digest

const chosen = async (name: Engine['name'], { ports }: ReturnType<typeof machine>): Promise<Engine> =>
  (await chooseEngine(name, ports)).engine

describe('buildx, with what it writes', () => {
  const building = (digestOf: (real: string) => string): Answer => ({
    async does({ argv, cwd = '' }) {
      const real = await leaveImage(join(cwd, 'image'))
      // As buildx 0.29 writes it; the rest of the file is not read.
      const metadata = {
        'buildx.build.ref': 'default/default/w28h06hk',
        'containerimage.digest': digestOf(real),
        'containerimage.config.digest': sha256('c'),
      }
      writeFileSync(argv[argv.indexOf('--metadata-file') + 1] ?? '', JSON.stringify(metadata))
    },
  })

  it('builds where it is told to, with the time of the build', async () => {
    const here = machine({ ...buildx, 'docker buildx build': building((real) => real) }, { DOCKER_HOST: 'unix:///d.sock' })
    const [image] = await (await chosen('buildx', here)).build(request(here.folder), here.folder)
    expect(image?.layout.folder).toBe(join(here.folder, 'image'))
    expect(here.ran.at(-1)).toMatchObject({ cwd: here.folder, echo: true, env: { SOURCE_DATE_EPOCH: '0', DOCKER_HOST: 'unix:///d.sock' } })
  })

  test.each([
    [(): string => sha256('another'), `buildx says that it made ${sha256('another')}`],
    [(): string => 'sha256:short', 'is not what buildx writes'],
  ])('is not believed when its file and its image differ', async (digestOf, message) => {
    const here = machine({ ...buildx, 'docker buildx build': building(digestOf) })
    const engine = await chosen('buildx', here)
    await expect(engine.build(request(here.folder), here.folder)).rejects.toMatchObject({
      code: 'SW-ENGINE-RESULT',
      message: expect.stringContaining(message),
    })
  })

  it('takes its name out of the store of Docker again, also when saving fails', async () => {
    const store = { ...buildx, 'docker info': { stdout: '[["Backing Filesystem","extfs"]]' } }
    const here = machine({
      ...store,
      'docker buildx build': building((real) => real),
      'docker image save': { code: 1, stderr: 'Error: no space left on device' },
      'docker image rm': {},
    })
    const engine = await chosen('buildx', here)
    await expect(engine.build(request(here.folder), here.folder)).rejects.toMatchObject({ code: 'SW-DISK-FULL' })
    const tag = here.ran.find(({ argv }) => argv[2] === 'build')?.argv.find((argument) => argument.startsWith('slipway.invalid/'))
    expect(here.ran.at(-1)?.argv).toEqual(['docker', 'image', 'rm', tag])
    expect(here.recorded.lines).toContainEqual(expect.stringContaining('the digest will be another with every build'))
  })
})

describe('buildah, on machines that differ', () => {
  const help = {
    'buildah build --help': { stdout: '      --identity-label      add\n      --timestamp int   set\n  -f, --file pathname   of\n' },
  }
  const building = { 'buildah build': { does: async ({ cwd = '' }: ProcessRequest) => void (await leaveImage(join(cwd, 'image-0'))) } }
  const run = async (answers: Readonly<Record<string, Answer>>, environment: Record<string, string> = {}) => {
    const here = machine({ ...buildah, ...help, ...answers }, environment)
    const engine = await chosen('buildah', here)
    const made = await engine.build(request(here.folder), here.folder).catch((error: unknown) => error)
    return { ...here, made, argv: here.ran.at(-1)?.argv.join(' ') ?? '' }
  }
  const denied = { code: 125, stderr: "Error: 'overlay' is not supported over overlayfs" }

  it('uses its own storage and isolation where they work', async () => {
    const { argv, made } = await run({ ...building, 'buildah info': {}, runc: {} }, { BUILDAH_ISOLATION: 'oci' })
    expect(argv).toMatch(
      /^buildah build --file \S+ --format oci --platform linux\/amd64 --timestamp 0 --identity-label=false --tag oci:image-0:latest /,
    )
    expect(made).toMatchObject([{ root: { mediaType: mediaTypes.manifest } }])
  })

  it('takes chroot without a runtime, and vfs where overlay fails', async () => {
    const { argv } = await run({
      'buildah --storage-driver vfs build': building['buildah build'],
      'buildah info': denied,
      'buildah --storage-driver vfs info': {},
    })
    expect(argv).toMatch(/^buildah --storage-driver vfs build .* --isolation chroot /)
  })

  it('says what it needs where nothing works', async () => {
    const { made } = await run({
      'buildah info': { code: 1, stderr: 'Error during unshare(CLONE_NEWUSER): Operation not permitted' },
      'buildah --storage-driver vfs info': denied,
    })
    expect(made).toMatchObject({
      code: 'SW-ENGINE-UNFIT',
      message: expect.stringContaining('CLONE_NEWUSER'),
      hint: expect.stringContaining('docs/guides/dockerfile.md'),
    })
  })

  it.each([
    ['DOCKER_AUTH_CONFIG', '{"auths":{}}', /--authfile \S+auth\.json/],
    ['DOCKER_CONFIG', 'config', /--authfile \S+config\/config\.json/],
    ['REGISTRY_AUTH_FILE', '/etc/auth.json', /^(?!.*--authfile)/],
  ])('is told where credentials are: %s', async (name, value, expected) => {
    const here = machine({ ...buildah, ...help, ...building, 'buildah info': {}, runc: {} })
    mkdirSync(join(here.folder, 'config'))
    writeFileSync(join(here.folder, 'config', 'config.json'), '{}')
    const environment = { BUILDAH_ISOLATION: 'oci', [name]: name === 'DOCKER_CONFIG' ? join(here.folder, value) : value }
    const engine = await chosen('buildah', { ...here, ports: { ...here.ports, environment } })
    await engine.build(request(here.folder), here.folder)
    expect(here.ran.at(-1)?.argv.join(' ')).toMatch(expected)
  })
})
