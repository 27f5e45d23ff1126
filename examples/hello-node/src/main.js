import { readFileSync } from 'node:fs'
import { startServer } from './server.js'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const server = await startServer({ port: portOf(process.env.PORT), host: process.env.HOST || undefined, version })
log('listening', { port: server.port, version, user: process.getuid?.() })

for (const signal of ['SIGTERM', 'SIGINT'])
  process.once(signal, async () => {
    log('stopping', { signal })
    await server.stop()
    log('stopped')
  })

/** @param {string | undefined} text */
function portOf(text) {
  if (!text) return 8080
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new Error(`PORT is "${text}", expected a number from 0 to 65535`)
  return Number(text)
}

/**
 * @param {string} message
 * @param {Record<string, unknown>} [fields]
 */
function log(message, fields = {}) {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), message, ...fields })}\n`)
}
