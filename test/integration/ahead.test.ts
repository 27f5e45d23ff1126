import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { freeAddress } from '../real/docker-registry.ts'
import { repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'
import { registryNames, startRegistries } from '../real/registries.ts'
import { until } from '../real/until.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('ahead')).path
const names = [...registryNames, 'crane registry'] as const
let addresses: Map<string, string>

beforeAll(async () => {
  addresses = await startRegistries(stack, folder)
  addresses.set('crane registry', await startCrane())
}, 300_000)
afterAll(() => stack.disposeAsync())

async function startCrane(): Promise<string> {
  const address = await freeAddress()
  const child = spawn('crane', ['registry', 'serve', '--address', address], { stdio: 'ignore' })
  stack.defer(() => void child.kill())
  await until('crane answers', async () => (await fetch(`http://${address}/v2/`)).ok)
  return address
}

/** What stands before a registry, writes down what it is asked, and may hold the first PATCH in its midst. */
async function gateTo(target: string) {
  const seen: string[] = []
  const held = Promise.withResolvers<void>()
  const gate = { seen, held: held.promise, mayHold: false, address: '', url: '' }
  const server = createServer((request, response) => {
    const { method = '', url = '', headers } = request
    if (url.includes('/blobs/uploads/')) seen.push(`${method} ${headers['content-length'] ?? 'open'}`)
    const onward = forward(new URL(url, `http://${target}`), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      pipeline(answer, response).catch(() => undefined)
    })
    onward.on('error', () => response.destroy())
    response.once('close', () => response.writableFinished || onward.destroy())
    if (method === 'PATCH' && gate.mayHold) {
      request.once('data', (piece: Buffer) => {
        request.pause()
        held.resolve(void onward.write(piece))
      })
      // Who does not read does not see that nobody writes any more; crane's registry does nothing else as long as one upload is open.
      setTimeout(() => request.resume(), 15_000).unref()
    } else pipeline(request, onward).catch(() => undefined)
  })
  stack.defer(() => void server.close().closeAllConnections())
  gate.address = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      resolve(`127.0.0.1:${bound === null || typeof bound === 'string' ? 0 : bound.port}`)
    })
  })
  return gate
}

let count = 0
/** A road with a layer of 24 MiB that nobody has seen before. */
function road(image: string) {
  count += 1
  const cwd = join(folder, `road-${count}`)
  mkdirSync(join(cwd, 'app'), { recursive: true })
  writeFileSync(join(cwd, 'app', 'data'), randomBytes(24 * 2 ** 20))
  const build = `{ context: app, plan: folder, base: scratch, entrypoint: '["/app/data"]' }`
  writeFileSync(join(cwd, 'slipway.yaml'), `tasks:\n  - build: ${build}\n  - push: { image: ${image}, tags: v1 }\n`)
  const env = { ...process.env, HOME: cwd, SLIPWAY_HOST: 'local', NO_COLOR: '1' }
  return { cwd, env, argv: [process.execPath, join(repository, 'dist', 'slipway', 'index.js'), 'run'] }
}

/** Whether the tag leads to what the road has built, and every byte of it is there. */
async function isThere(image: string, cwd: string): Promise<boolean> {
  const record = JSON.parse(readFileSync(join(cwd, '.slipway', 'record.json'), 'utf8')) as { subject: { digest: string } }
  await output(['crane', 'validate', '--insecure', '--remote', `${image}:v1`])
  return (await output(['crane', 'digest', '--insecure', `${image}:v1`])).trim() === record.subject.digest
}

describe.each(names)('%s', (name) => {
  const path = `ahead/${name.replace(/\W+/g, '-')}`
  const setUp = async () => {
    const gate = await gateTo(addresses.get(name) ?? '')
    const image = `${gate.address}/${path}/${gate.address.split(':')[1]}`
    return { gate, image, ...road(image) }
  }

  it('makes a blob of a layer that it got while it was packed', async () => {
    const { gate, image, cwd, env, argv } = await setUp()
    expect(await end(argv, { cwd, env })).toMatchObject({ status: 0 })
    expect([await isThere(image, cwd), gate.seen]).toEqual([true, expect.arrayContaining(['PATCH open', 'PUT 0'])])
    expect(gate.seen.filter((line) => Number(line.split(' ')[1]) > 2 ** 20)).toEqual([])
  })

  it.each([
    ['killed', 'SIGKILL'],
    ['stopped', 'SIGTERM'],
  ] as const)('has the image after a run that was %s in the midst of it, and another', async (_, signal) => {
    const { gate, image, cwd, env, argv } = await setUp()
    gate.mayHold = true
    const [program = '', ...rest] = argv
    const child = spawn(program, rest, { cwd, env, stdio: 'ignore' })
    const closed = once(child, 'close')
    await gate.held
    child.kill(signal)
    await closed
    gate.mayHold = false
    expect(gate.seen.some((line) => line.startsWith('DELETE'))).toBe(signal === 'SIGTERM')
    expect(await end(argv, { cwd, env })).toMatchObject({ status: 0 })
    expect(await isThere(image, cwd)).toBe(true)
  })

  it('has the image though it stands still in the midst of it, soon', async () => {
    const { gate, image, cwd, env, argv } = await setUp()
    gate.mayHold = true
    const ended = await end(argv, { cwd, env })
    expect([ended.status, `${ended.stdout}${ended.stderr}`]).toEqual([0, expect.not.stringMatching(/attempt|wait|timed out/)])
    expect([await isThere(image, cwd), gate.seen.some((line) => line.startsWith('DELETE'))]).toEqual([true, true])
  }, 40_000)
})
