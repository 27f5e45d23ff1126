import { fileURLToPath } from 'node:url'
import { createAdaptorServer } from '@hono/node-server'
import { makeApp } from './app.js'

const assets = fileURLToPath(new URL('../public', import.meta.url))

/**
 * Starts the service and resolves once it listens.
 *
 * @param {{ port: number, host?: string, version: string }} options Port 0 takes a free one.
 * @returns {Promise<{ port: number, stop(): Promise<void> }>} `stop` lets running requests end, then resolves.
 */
export function startServer({ port, host, version }) {
  let draining = false
  const server = createAdaptorServer({ fetch: makeApp({ version, assets, isDraining: () => draining }).fetch })
  const stop = () => {
    draining = true
    return new Promise((resolve, reject) => {
      server.close((failure) => (failure ? reject(failure) : resolve()))
      server.closeIdleConnections()
    })
  }
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve({ port: server.address().port, stop }))
  })
}
