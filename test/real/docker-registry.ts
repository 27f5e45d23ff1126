import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { until } from './until.ts'

export interface DockerRegistry extends AsyncDisposable {
  /** host:port */
  readonly address: string
  /** Lets it hear requests and answer none, until it is resumed. */
  pause(): void
  resume(): void
}

/** The account of a registry that has one; bcrypt, since docker-registry takes nothing else. */
export const account = { username: 'bob', password: 'hunter2' } as const
const htpasswd = 'bob:$2b$05$abcdefghijklmnopqrstuuoXuKqgZXLiJqzfmMXDDhSFPIvxV7t8.\n'

export interface DockerRegistryOptions {
  /** Asks everyone for {@link account}. */
  readonly isPrivate?: boolean
  /** Files, PEM: it then speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string }
}

/** Debian's docker-registry on loopback or the address given, with its storage in a folder. */
export async function startDockerRegistry(
  folder: string,
  address?: string,
  { isPrivate = false, tls }: DockerRegistryOptions = {},
): Promise<DockerRegistry> {
  const listen = address ?? (await freeAddress())
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'blobs') }, delete: { enabled: true } },
    http: { addr: listen, ...(tls === undefined ? {} : { tls }) },
    ...(isPrivate ? { auth: { htpasswd: { realm: 'test', path: join(folder, 'htpasswd') } } } : {}),
  }
  const file = join(folder, 'registry.yml')
  if (isPrivate) writeFileSync(join(folder, 'htpasswd'), htpasswd)
  writeFileSync(file, JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve, reject) => child.on('error', reject).on('exit', () => resolve()))
  await Promise.race([until('docker-registry answers', () => (tls === undefined ? answers(listen) : listens(listen))), exited])
  return {
    address: listen,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}

async function answers(address: string): Promise<boolean> {
  return [200, 401].includes((await fetch(`http://${address}/v2/`)).status)
}

async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  socket.destroy()
  return true
}

/** host:port where nobody listens. */
export function freeAddress(host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, host, () => {
        const address = server.address()
        server.close(() =>
          address === null || typeof address === 'string' ? reject(new Error('no port')) : resolve(`${host}:${address.port}`),
        )
      })
  })
}
