import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { makeApp } from '../src/app.js'
import { startServer } from '../src/server.js'

describe('the service', () => {
  let server
  let url
  before(async () => {
    server = await startServer({ port: 0, host: '127.0.0.1', version: '1.2.3' })
    url = `http://127.0.0.1:${server.port}`
  })
  after(() => server.stop())

  it('is healthy and says its version', async () => {
    const response = await fetch(`${url}/healthz`)
    assert.equal(response.status, 200)
    assert.deepEqual(await response.json(), { status: 'ok', version: '1.2.3' })
  })

  it('greets', async () => {
    const response = await fetch(`${url}/hello/${encodeURIComponent('Grace Hopper')}`)
    assert.deepEqual(await response.json(), { text: 'Hello, Grace Hopper!' })
  })

  it('answers 400 to a name with a line break', async () => assert.equal((await fetch(`${url}/hello/a%0Ab`)).status, 400))

  it('serves the page', async () => {
    const response = await fetch(url)
    assert.match(response.headers.get('content-type'), /^text\/html/)
    assert.match(await response.text(), /Hello from a verified image/)
  })

  it('serves nothing outside of its assets', async () => assert.equal((await fetch(`${url}/..%2fpackage.json`)).status, 404))
  it('answers 404 elsewhere', async () => assert.equal((await fetch(`${url}/nowhere`)).status, 404))
})

describe('a stopping service', () => {
  it('is no longer ready', async () => {
    const app = makeApp({ version: '1.2.3', assets: 'public', isDraining: () => true })
    assert.equal((await app.request('/healthz')).status, 503)
  })

  it('refuses new connections', async () => {
    const server = await startServer({ port: 0, host: '127.0.0.1', version: '1.2.3' })
    await server.stop()
    await assert.rejects(fetch(`http://127.0.0.1:${server.port}/healthz`))
  })
})
