import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from '@jest/globals'
import { faultServer } from '../../io/fixtures/fault-server.ts'
import { getApplication } from './applications.ts'
import { argoScene, says } from './argocd.fake.ts'
import { openArgo } from './connection.ts'

const scene = argoScene()
const path = (name: string): string => fileURLToPath(new URL(`../../io/fixtures/tls/${name}`, import.meta.url))

it('an authority of one’s own comes from a file, for this server only', async () => {
  const server = await faultServer({
    tls: { key: readFileSync(path('server.key'), 'utf8'), cert: readFileSync(path('server.pem'), 'utf8') },
  })
  try {
    server.next(says({ metadata: { name: 'web' } }))
    const trusting = await openArgo(
      { server: server.url, token: 't', ca: path('ca.pem'), certificate: path('client.pem'), key: path('client.key') },
      scene().ports,
    )
    expect((await getApplication(trusting, { name: 'web' })).name).toBe('web')
    const other = await openArgo({ server: server.url, token: 't' }, scene().ports)
    await expect(getApplication(other, { name: 'web' })).rejects.toMatchObject({ code: 'SW-HTTP-TLS' })
  } finally {
    await server.close()
  }
})
