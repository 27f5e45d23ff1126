import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { until } from './until.ts'

/** Debian's docker-registry on loopback, with its storage in a folder. */
export async function startDockerRegistry(folder: string): Promise<AsyncDisposable & { readonly address: string }> {
  const address = `127.0.0.1:${await freePort()}`
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'blobs') }, delete: { enabled: true } },
    http: { addr: address },
  }
  const file = join(folder, 'registry.yml')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn('docker-registry', ['serve', file], { stdio: 'ignore' })
  const exited = new Promise<void>((resolve, reject) => child.on('error', reject).on('exit', () => resolve()))
  await Promise.race([until('docker-registry answers', async () => (await fetch(`http://${address}/v2/`)).ok), exited])
  return {
    address,
    [Symbol.asyncDispose]: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
      .once('error', reject)
      .listen(0, '127.0.0.1', () => {
        const address = server.address()
        server.close(() => (address === null || typeof address === 'string' ? reject(new Error('no port')) : resolve(address.port)))
      })
  })
}
