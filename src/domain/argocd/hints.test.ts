import type { ServerResponse } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from '@jest/globals'
import { steppedClock } from '../../io/fixtures/ports.ts'
import { argoScene } from './argocd.fake.ts'
import { listen } from './hints.ts'

const scene = argoScene()
const event = (name: string): string => `data: ${JSON.stringify({ result: { type: 'MODIFIED', application: { metadata: { name } } } })}\n\n`

test('who rests is woken by what is heard of its application, and of no other', async () => {
  const { server, argo } = scene()
  const clock = steppedClock()
  const over = new AbortController()
  const opened = new Promise<ServerResponse>((resolve) =>
    server.next(async (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      resolve(response)
    }),
  )
  const hints = listen(argo, { name: 'web' }, { clock, signal: over.signal })
  const stream = await opened
  const woken: string[] = []
  const [web] = ['web', 'api'].map((name) => hints.rest({ name }, 5000).then(() => woken.push(name)))
  clock.advance(250)
  await turn()
  stream.write(event('web'))
  await web
  expect(woken).toEqual(['web'])
  clock.advance(6000)
  await turn()
  expect(woken).toEqual(['web', 'api'])
  over.abort()
  stream.end()
})
