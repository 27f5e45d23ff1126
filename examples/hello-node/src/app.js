import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { greeting } from './greeting.js'

/**
 * The service's routes.
 *
 * @param {{ version: string, assets: string, isDraining: () => boolean }} options `assets` is the folder of the static files.
 */
export function makeApp({ version, assets, isDraining }) {
  const app = new Hono()
  app.get('/healthz', (context) => {
    const status = isDraining() ? 'draining' : 'ok'
    return context.json({ status, version }, status === 'ok' ? 200 : 503)
  })
  app.get('/hello/:name', (context) => {
    const text = greeting(context.req.param('name'))
    return text === undefined
      ? context.json({ error: 'a name has 1 to 64 characters, none of them a control character' }, 400)
      : context.json({ text })
  })
  app.use('/*', serveStatic({ root: assets }))
  return app
}
