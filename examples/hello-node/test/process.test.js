import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../src/main.js', import.meta.url))
const start = (port) => spawn(process.execPath, [main], { env: { ...process.env, PORT: port, HOST: '127.0.0.1' } })

describe('the process', { timeout: 20_000 }, () => {
  it('listens on PORT, answers, and ends cleanly on SIGTERM', async () => {
    const child = start('0')
    const [line] = await once(child.stdout, 'data')
    const { port } = JSON.parse(line)
    assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200)
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'exit'), [0, null])
  })

  it('says what is wrong with a bad PORT', async () => {
    const child = start('80x')
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    const [code] = await once(child, 'close')
    assert.notEqual(code, 0)
    assert.match(errors, /PORT is "80x", expected a number from 0 to 65535/)
  })
})
