import { afterEach, beforeEach } from '@jest/globals'
import { connectHarbor, type Harbor } from '../../../src/domain/harbor/client.ts'
import type { Ports } from '../../../src/spec/ports.ts'
import type { fakeClock } from '../clock.ts'
import { type TestClient, testClient } from '../registry-client.ts'
import { type FakeHarbor, startFakeHarbor } from './harbor.ts'
import type { Account } from './images.ts'

export interface HarborScene {
  readonly harbor: FakeHarbor
  readonly clock: ReturnType<typeof fakeClock>
  readonly ports: Pick<Ports, 'http' | 'clock' | 'log' | 'progress'>
  connect(account?: Account): Harbor
}

/** A Harbor and a client with one clock, which never waits; new for each test of a file. */
export function harborScene(): () => HarborScene {
  let scene: HarborScene | undefined
  let client: TestClient | undefined
  beforeEach(async () => {
    const opened = testClient()
    client = opened
    const { clock, ports } = opened
    const harbor = await startFakeHarbor({ now: clock.now })
    const connect: HarborScene['connect'] = (account) =>
      connectHarbor({ origin: harbor.url, ...(account === undefined ? {} : { credential: credentialOf(account) }) }, ports)
    scene = { harbor, clock, ports: { ...ports, progress: { doing: () => undefined } }, connect }
  })
  afterEach(async () => {
    client?.[Symbol.dispose]()
    await scene?.harbor[Symbol.asyncDispose]()
  })
  return () => {
    if (scene === undefined) throw new Error('the scene opens with each test')
    return scene
  }
}

export function credentialOf({ username, password }: Account) {
  return { kind: 'password', username, password, source: 'the inputs username and password' } as const
}
