import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { account, startDockerRegistry } from '../real/docker-registry.ts'
import { containersEnvironment, pushBusybox } from '../real/dockerfile-images.ts'
import { checkOutExample, disturb, repository } from '../real/example.ts'
import { fill, temporaryFolder } from '../real/folder.ts'
import { type Ended, end, output } from '../real/program.ts'
import { until } from '../real/until.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('dockerfile')).path
const secret = 'a secret that no layer has'

let registry: string
let base: string
let env: NodeJS.ProcessEnv

interface Built extends Ended {
  readonly digest: string
  readonly own: Readonly<Record<string, unknown>>
  readonly subject: Readonly<Record<string, unknown>>
}

/** Builds a project with a Dockerfile; what the environment says is over that of the suite. */
async function build(project: string, argv: readonly string[], over: NodeJS.ProcessEnv = {}): Promise<Built> {
  const ended = await end([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), 'build', ...argv], {
    cwd: project,
    env: { ...env, ...over },
  })
  if (ended.status !== 0) return { ...ended, digest: '', own: {}, subject: {} }
  const { subject, own } = JSON.parse(readFileSync(join(project, '.slipway', 'record.json'), 'utf8'))
  return { ...ended, digest: subject.digest, own: own.build, subject }
}

const project = (name: string, files: Readonly<Record<string, string>> = {}): string => {
  const path = join(folder, name)
  checkOutExample(path, 'dockerfile')
  fill(path, files)
  return path
}

const example = (): readonly string[] => [
  ...[
    '--build-args',
    `BASE=${base}`,
    '--build-args',
    'VERSION=1.4.0',
    '--network',
    'none',
    '--secret-files',
    `token=${join(folder, 'token')}`,
  ],
]

/** The page of the example's image, from a layout that umoci unpacks. */
async function pageOf(path: string): Promise<string> {
  const bundle = join(mkdtempSync(join(path, 'page-')), 'bundle')
  await output(['umoci', 'unpack', '--image', `${join(path, '.slipway', 'layout')}:latest`, bundle])
  expect((await end(['grep', '-r', secret, bundle])).stdout).toBe('')
  return readFileSync(join(bundle, 'rootfs', 'site', 'index.html'), 'utf8')
}

beforeAll(async () => {
  mkdirSync(join(folder, 'storage'))
  registry = stack.use(await startDockerRegistry(join(folder, 'storage'))).address
  base = await pushBusybox(`${registry}/busybox`)
  fill(folder, { token: secret })
  env = { ...process.env, SLIPWAY_HOST: 'local', ...containersEnvironment(folder, base) }
}, 300_000)

afterAll(() => stack.disposeAsync())

describe('examples/dockerfile by buildah', () => {
  it('has the same digest from a checkout with other times, in another store and isolation, with the secret given as a value', async () => {
    // buildah takes images of the same content for one another.
    const other = await pushBusybox(`${registry}/other`)
    await build(project('other', { Dockerfile: `FROM ${other}\nUSER 65532\n` }), ['--engine', 'buildah'])
    const first = project('first')
    const built = await build(first, ['--engine', 'buildah', ...example()])
    expect(built).toMatchObject({
      status: 0,
      own: { engine: expect.stringMatching(/^buildah \d/) },
      subject: { base: { name: base.replace(':test', '') } },
    })
    const second = project('second')
    disturb(second)
    const args = example().slice(0, 4)
    const again = await build(second, ['--engine', 'buildah', ...args], {
      INPUT_SECRETS: `token=${secret}`,
      BUILDAH_ISOLATION: 'chroot',
      STORAGE_DRIVER: 'vfs',
    })
    expect(again.digest).toBe(built.digest)
    expect(await pageOf(first)).toMatch(/Version 1\.4\.0, built with the secret whose fingerprint is [0-9a-f]{64}\./)
    expect(built.stdout + built.stderr + again.stdout + again.stderr).not.toContain(secret)
  }, 300_000)

  it('makes an index for several platforms', async () => {
    const path = project('platforms', { Dockerfile: 'FROM scratch\nCOPY page.html /\nUSER 65532\n' })
    const { digest, subject } = await build(path, ['--engine', 'buildah', '--platforms', 'linux/amd64,linux/arm64'])
    expect(subject['platforms']).toMatchObject([{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }])
    const index = JSON.parse(await output(['skopeo', 'inspect', '--raw', `oci:${path}/.slipway/layout:latest`]))
    expect(index).toMatchObject({ mediaType: 'application/vnd.oci.image.index.v1+json', manifests: [{}, {}] })
    expect(digest).toMatch(/^sha256:/)
  }, 300_000)

  it('leaves what was built before when RUN fails, and says why', async () => {
    const path = project('broken')
    const { digest } = await build(path, ['--engine', 'buildah', ...example()])
    fill(path, { Dockerfile: `FROM ${base}\nRUN echo 'out of luck' && exit 3\n` })
    const { status, stdout, stderr } = await build(path, ['--engine', 'buildah'])
    expect([status, stdout + stderr]).toEqual([4, expect.stringMatching(/out of luck[\s\S]*SW-DOCKERFILE-FAILED[\s\S]*exit status 3/)])
    expect(await output(['skopeo', 'inspect', '--format', '{{.Digest}}', `oci:${path}/.slipway/layout:latest`])).toBe(`${digest}\n`)
  }, 300_000)

  it.each([
    ['a time limit', ['--timeout', '2s'], undefined, 'SW-ENGINE-TIMEOUT', 4],
    ['SIGTERM', [], 'SIGTERM', 'SW-CANCELLED', 143],
  ] as const)(
    'is ended with all its processes by %s',
    async (name, argv, signal, code, exit) => {
      const mark = `5${String(process.pid).padStart(7, '0')}${name.length}`
      const path = project(`slow-${name.length}`, { Dockerfile: `FROM ${base}\nRUN sleep ${mark}\n` })
      const child = spawn(process.execPath, [join(repository, 'dist', 'slipway', 'index.js'), 'build', '--engine', 'buildah', ...argv], {
        cwd: path,
        env,
      })
      let said = ''
      for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text))
      if (signal !== undefined) {
        await until('RUN sleeps', async () => (await end(['pgrep', '-f', `sleep ${mark}`])).status === 0)
        child.kill(signal)
      }
      const [status] = await once(child, 'close')
      expect([status, said]).toEqual([exit, expect.stringContaining(code)])
      await until('nobody sleeps', async () => (await end(['pgrep', '-f', `^sleep ${mark}`])).status === 1)
    },
    300_000,
  )
})

describe('examples/dockerfile by buildx', () => {
  let built: Built
  let path: string

  beforeAll(async () => {
    path = project('buildx')
    built = await build(path, example())
  }, 300_000)

  it('is what auto chooses where Docker answers, and it says so', () => {
    expect(built).toMatchObject({
      status: 0,
      own: { engine: expect.stringMatching(/^buildx \d/), because: 'there is a Dockerfile, and Docker with buildx answers' },
    })
    expect(built.stdout + built.stderr).not.toContain(secret)
  })

  it('gives the same page as buildah, and leaves no image in the store of Docker', async () => {
    expect(await pageOf(path)).toBe(await pageOf(join(folder, 'first')))
    expect(await output(['docker', 'image', 'ls', '--quiet', '--filter', 'reference=slipway.invalid/*'])).toBe('')
  })

  it('is pushed as any other image, and Docker runs it', async () => {
    const image = `${registry}/site`
    await output([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), 'push', '--image', image], { cwd: path, env })
    const run = ['docker', 'run', '--rm', '--network', 'none', '--entrypoint', 'cat', `${image}@${built.digest}`, '/site/index.html']
    expect(await output(run)).toContain('Version 1.4.0')
    await output(['docker', 'image', 'rm', `${image}@${built.digest}`])
  }, 300_000)

  it('gives way to buildah where Docker does not answer, which is said', async () => {
    const { own } = await build(project('no-docker'), example(), { DOCKER_HOST: `unix://${folder}/none.sock` })
    expect(own).toMatchObject({
      engine: expect.stringMatching(/^buildah /),
      because: expect.stringMatching(/no buildx: .*Cannot connect to the Docker daemon/),
    })
  }, 300_000)
})

/** A registry whose images nobody else may pull, and a job that its CI system gave a login there; nothing is stored. */
describe('a private base image', () => {
  let image: string
  let job: NodeJS.ProcessEnv

  beforeAll(async () => {
    mkdirSync(join(folder, 'private'))
    const { address } = stack.use(await startDockerRegistry(join(folder, 'private'), undefined, { isPrivate: true }))
    const { username, password } = account
    const login = { CI_REGISTRY: address, CI_REGISTRY_USER: username, CI_REGISTRY_PASSWORD: password }
    Object.assign(process.env, login)
    image = await pushBusybox(`${address}/team/busybox`)
    for (const name of Object.keys(login)) delete process.env[name]
    mkdirSync(join(folder, 'private', 'home'))
    job = { ...containersEnvironment(join(folder, 'private'), image), ...login, HOME: join(folder, 'private', 'home') }
  }, 300_000)

  it.each(['buildah', 'buildx'])(
    'is pulled by %s with the login of the job, which stays on no disk',
    async (engine) => {
      const path = project(`private-${engine}`, { Dockerfile: `FROM ${image}\nCOPY page.html /\nUSER 65532\n` })
      const built = await build(path, ['--engine', engine], job)
      expect([built.stdout + built.stderr, built.status]).toEqual([expect.stringContaining('source=CI_REGISTRY_PASSWORD'), 0])
      const pair = Buffer.from(`${account.username}:${account.password}`).toString('base64')
      const found = await end([
        'grep',
        '-rlE',
        `${account.password}|${pair}`,
        path,
        join(folder, 'private', 'home'),
        join(folder, 'private', 'containers'),
      ])
      expect(found.stdout).toBe('')
    },
    300_000,
  )

  it('is not pulled without it, and the engine says so', async () => {
    await output(['buildah', 'rmi', '--all', '--force'], { env: { ...env, ...job } })
    const path = project('private-nobody', { Dockerfile: `FROM ${image}\nUSER 65532\n` })
    const { status, stdout, stderr } = await build(path, ['--engine', 'buildah', '--timeout', '200s'], { ...job, CI_REGISTRY_PASSWORD: '' })
    expect([status, stdout + stderr]).toEqual([
      4,
      expect.stringMatching(/SW-DOCKERFILE-FAILED[\s\S]*(unauthorized|authentication required)/),
    ])
  }, 300_000)

  it('has a cache in the same registry, which buildah fills and reads', async () => {
    const cache = `${image.slice(0, image.indexOf('/'))}/team/cache`
    const argv = ['--engine', 'buildah', '--cache-from', cache, '--cache-to', cache]
    const path = project('cached', { Dockerfile: `FROM ${image}\nRUN touch /made\nCOPY page.html /\nUSER 65532\n` })
    const first = await build(path, argv, job)
    await output(['buildah', 'rmi', '--all', '--force'], { env: { ...env, ...job } })
    const second = await build(path, argv, job)
    expect([second.stdout + second.stderr, second.status]).toEqual([expect.stringContaining('Cache pulled from remote'), 0])
    expect(second.digest).toBe(first.digest)
    expect(
      await output(['buildah', 'images', '--quiet', '--filter', 'reference=localhost/slipway-build'], { env: { ...env, ...job } }),
    ).toBe('')
  }, 300_000)
})

describe('an image that another program left as a layout', () => {
  it('is taken over with its bytes', async () => {
    const path = join(folder, 'taken')
    mkdirSync(path)
    await output(['skopeo', 'copy', '--src-tls-verify=false', `docker://${base.replace(':test', '')}`, `oci:${path}/theirs:any`])
    expect((await build(path, ['--engine', 'layout', '--context', 'theirs'])).digest).toBe(base.slice(base.indexOf('@') + 1))
  }, 300_000)
})
