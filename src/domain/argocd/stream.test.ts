import { describe, expect, it } from '@jest/globals'
import { answer, reset, type Step } from '../../io/fixtures/fault-server.ts'
import { getApplication } from './applications.ts'
import { argoScene, says } from './argocd.fake.ts'
import { type Hint, watchApplications } from './stream.ts'

const scene = argoScene()
const event = (type: string, name: string) =>
  `data: ${JSON.stringify({ result: { type, application: { metadata: { name, namespace: 'argocd' } } } })} \n\n`

async function hints(signal = new AbortController().signal): Promise<Hint[]> {
  const all: Hint[] = []
  for await (const hint of watchApplications(scene().argo, { selector: 'team=web', projects: ['shop'] }, signal)) all.push(hint)
  return all
}

/** Sends pieces, and then nothing more. */
function streaming(...pieces: readonly string[]): Step {
  return async (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const piece of pieces) await new Promise<void>((resolve) => response.write(piece, () => setImmediate(resolve)))
  }
}

describe('a stream of changes', () => {
  it('gives a hint for each, wherever the pieces are cut', async () => {
    const { server } = scene()
    const text = `:\n${event('ADDED', 'web')}:\n${event('MODIFIED', 'wéb')}${event('DELETED', 'web')}`
    const bytes = [...text].flatMap((character) => [character])
    server.next(async (request, response) => {
      await streaming(...bytes)(request, response)
      response.end()
    })
    expect((await hints()).map(({ type, name }) => `${type} ${name}`)).toEqual(['ADDED web', 'MODIFIED wéb', 'DELETED web'])
    const url = new URL(server.seen[0]?.url ?? '', server.url)
    expect([url.pathname, url.searchParams.get('selector'), server.seen[0]?.headers.accept]).toEqual([
      '/api/v1/stream/applications',
      'team=web',
      'text/event-stream',
    ])
  })

  it('of JSON lines is understood as well', async () => {
    scene().server.next(answer(200, event('ADDED', 'web').replace('data: ', '')))
    expect(await hints()).toEqual([{ type: 'ADDED', name: 'web', namespace: 'argocd' }])
  })

  it.each([
    ['is cut at once', reset],
    ['is refused', says({ error: { grpc_code: 7, http_code: 403, message: 'permission denied' } }, 403)],
    ['is no stream', answer(200, '<html>')],
    ['has garbage', answer(200, 'data: {"result":\n\ndata: {"error":{"message":"x"}}\n\n')],
    ['has one endless line', answer(200, `data: ${'x'.repeat(3_000_000)}`)],
  ])('that %s ends without a word', async (_, step) => {
    scene().server.next(step)
    expect(await hints()).toEqual([])
  })

  it('that is cut in the middle ends after what came', async () => {
    scene().server.next(async (request, response) => {
      await streaming(event('ADDED', 'web'))(request, response)
      response.socket?.resetAndDestroy()
    })
    expect(await hints()).toHaveLength(1)
  })

  it('takes no place from those who ask, however few a busy server leaves', async () => {
    const { server, argo } = scene()
    const abort = new AbortController()
    const [busy, web] = [answer(503), says({ metadata: { name: 'web' } })]
    server.next(streaming(event('ADDED', 'web')), busy, busy, busy, web)
    for await (const { name } of watchApplications(argo, {}, abort.signal)) {
      expect((await getApplication(argo, { name })).name).toBe('web')
      abort.abort()
    }
    expect(server.seen).toHaveLength(5)
  })

  it('ends when nobody waits any more', async () => {
    const abort = new AbortController()
    scene().server.next(streaming(event('ADDED', 'web')))
    const seen: Hint[] = []
    for await (const hint of watchApplications(scene().argo, {}, abort.signal)) {
      seen.push(hint)
      abort.abort()
    }
    expect(seen).toHaveLength(1)
  })
})
