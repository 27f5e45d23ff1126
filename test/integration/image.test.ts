import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type Container, readConfig, startContainer } from '../real/container.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { checkOutExample, disturb, installDependencies, repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

/** The folders and servers of this file, in the order in which they were made. */
const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('image')).path
const [first, second] = [join(folder, 'first'), join(folder, 'another', 'second')]
let registry: string
let digest: string
let image: string

const slipway = (cwd: string, ...argv: string[]): Promise<string> =>
  output([process.execPath, join(repository, 'dist', 'slipway', 'index.js'), ...argv], {
    cwd,
    env: { ...process.env, SLIPWAY_HOST: 'local' },
  })

const build = async (cwd: string): Promise<string> => {
  await slipway(cwd, 'build', '--base', 'node-runtime')
  const record: { subject: { digest: string } } = JSON.parse(readFileSync(join(cwd, '.slipway', 'record.json'), 'utf8'))
  return record.subject.digest
}

beforeAll(async () => {
  mkdirSync(join(folder, 'storage'))
  const server = stack.use(await startDockerRegistry(join(folder, 'storage')))
  registry = server.address
  checkOutExample(first)
  await installDependencies(first)
  digest = await build(first)
  image = `${registry}/acme/hello-node@${digest}`
  await slipway(first, 'push', '--image', `${registry}/acme/hello-node`, '--tags', '1.4.0,latest')
}, 300_000)

afterAll(() => stack.disposeAsync())

describe('an image built twice', () => {
  it('has the same digest from a checkout with other times and permissions in another folder', async () => {
    checkOutExample(second)
    await installDependencies(second)
    disturb(second)
    expect(await build(second)).toBe(digest)
  })
})

describe('other programs, on the image in docker-registry', () => {
  it('skopeo inspects it, by digest and by each tag', async () => {
    for (const reference of [image, `${registry}/acme/hello-node:1.4.0`, `${registry}/acme/hello-node:latest`]) {
      const facts = JSON.parse(await output(['skopeo', 'inspect', '--tls-verify=false', `docker://${reference}`]))
      expect(facts).toMatchObject({ Digest: digest, Os: 'linux', Labels: { 'dev.slipway.base': 'node-runtime' } })
    }
  })

  it('crane finds nothing wrong with it', async () => {
    await output(['crane', 'validate', '--insecure', '--remote', image])
    expect(await output(['crane', 'digest', '--insecure', `${registry}/acme/hello-node:1.4.0`])).toBe(`${digest}\n`)
  })

  it('regctl reads its manifest', async () => {
    const env = { ...process.env, REGCTL_CONFIG: join(folder, 'regctl.json') }
    await output(['regctl', 'registry', 'set', registry, '--tls', 'disabled', '--skip-check'], { env })
    const manifest = JSON.parse(await output(['regctl', 'manifest', 'get', '--format', 'raw-body', image], { env }))
    expect(manifest).toMatchObject({ schemaVersion: 2, config: { mediaType: 'application/vnd.oci.image.config.v1+json' } })
  })

  it.each(['gzip', 'zstd'])(
    'docker pulls and runs it with layers by %s',
    async (compression) => {
      const repository = `${registry}/acme/by-${compression}`
      await slipway(first, 'build', '--base', 'node-runtime', '--compression', compression, '--layout', compression)
      const { subject } = JSON.parse(readFileSync(join(first, '.slipway', 'record.json'), 'utf8'))
      await slipway(first, 'push', '--image', repository)
      const run = ['docker', 'run', '--rm', '--network', 'none', '--read-only', '--entrypoint', 'node', `${repository}@${subject.digest}`]
      expect(await output([...run, '-p', 'process.getuid() + " " + require("node:fs").existsSync("/app/src/main.js")'])).toBe(
        '65532 true\n',
      )
    },
    300_000,
  )

  it('buildah makes a container from it', async () => {
    const store = ['--root', join(folder, 'buildah'), '--runroot', join(folder, 'buildah-run'), '--storage-driver', 'vfs']
    const container = (await output(['buildah', ...store, 'from', '--tls-verify=false', image])).trim()
    const facts = JSON.parse(await output(['buildah', ...store, 'inspect', container]))
    expect(facts.OCIv1.config).toMatchObject({ User: '65532:65532', WorkingDir: '/app' })
    await output(['buildah', ...store, 'rm', container])
  })
})

describe('the image pulled by skopeo and unpacked by umoci', () => {
  const bundle = join(folder, 'bundle')
  let container: Container
  let said: { message: string; port: number; user: number }

  beforeAll(async () => {
    await output(['skopeo', 'copy', '--src-tls-verify=false', `docker://${image}`, `oci:${join(folder, 'pulled')}:hello`])
    await output(['umoci', 'unpack', '--image', `${join(folder, 'pulled')}:hello`, bundle])
    container = await startContainer(bundle, { PORT: '0', HOST: '127.0.0.1' })
    said = JSON.parse(container.firstLine)
  }, 300_000)

  it('starts the service as a user without rights', () => {
    expect(readConfig(bundle).process).toMatchObject({ user: { uid: 65_532, gid: 65_532 }, args: ['/usr/local/bin/node', 'src/main.js'] })
    expect(said).toMatchObject({ message: 'listening', user: 65_532 })
  })

  it('answers over HTTP', async () => {
    const health = await fetch(`http://127.0.0.1:${said.port}/healthz`)
    expect(await health.json()).toEqual({ status: 'ok', version: '1.4.0' })
    const page = await fetch(`http://127.0.0.1:${said.port}/`)
    expect(await page.text()).toContain('Hello from a verified image')
  })

  it('has what runs in production, and nothing of the tests', async () => {
    const files = await output(['ls', '-A', join(bundle, 'rootfs', 'app'), join(bundle, 'rootfs', 'app', 'node_modules')])
    expect(files).toContain('hono')
    expect(files).not.toMatch(/fast-check|^test$|^\.|slipway\.yaml/m)
  })

  it('ends by itself on SIGTERM', async () => {
    expect(await container.stop()).toBe(0)
  })
})
