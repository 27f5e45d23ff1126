import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { freeAddress } from './docker-registry.ts'
import { until } from './until.ts'

/** Version 3 of distribution, where the lab has put it on PATH; Debian has version 2.8. */
export const hasDistribution3 = (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'registry')))

/** Version 3 of distribution on loopback, with its storage in a folder. */
export async function startDistribution3(folder: string): Promise<AsyncDisposable & { readonly address: string }> {
  const address = await freeAddress()
  mkdirSync(folder, { recursive: true })
  const config = {
    version: 0.1,
    log: { level: 'warn', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(folder, 'blobs') }, delete: { enabled: true } },
    http: { addr: address },
  }
  const file = join(folder, 'distribution.yml')
  writeFileSync(file, JSON.stringify(config))
  const child = spawn('registry', ['serve', file], { stdio: 'ignore', env: { ...process.env, OTEL_TRACES_EXPORTER: 'none' } })
  const exited = new Promise<void>((resolve, reject) => child.on('error', reject).on('exit', () => resolve()))
  await Promise.race([until('distribution answers', async () => (await fetch(`http://${address}/v2/`)).ok), exited])
  return {
    address,
    [Symbol.asyncDispose]: () => {
      child.kill('SIGTERM')
      return exited
    },
  }
}
