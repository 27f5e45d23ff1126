import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { githubHost } from '../host/github.ts'
import type { Fact } from '../report/events.ts'
import { openSession } from './ports.ts'
import { fakeSession, fakeSurroundings, workspaceWith } from './road.fake.ts'

async function onGithub(folder: string) {
  const checkout = workspaceWith({ 'services/shop/a': '', state: '' })
  const environment = { GITHUB_WORKSPACE: checkout, GITHUB_STATE: join(checkout, 'state'), RUNNER_TEMP: join(checkout, 'temp') }
  const surroundings = fakeSurroundings({ environment })
  const facts: Fact[] = []
  const session = await openSession({
    host: githubHost(surroundings),
    workspace: join(checkout, folder),
    signal: new AbortController().signal,
    version: '0.0.0',
    emit: (fact) => void facts.push(fact),
    hostLog: true,
  })
  return { session, facts, written: surroundings.written, checkout }
}

describe('the ports of a task', () => {
  it('name files to the host as it sees them, when the work is in a folder below', async () => {
    const { session, facts, written } = await onGithub('services/shop')
    session.ports('test').annotate({ level: 'error', message: 'wrong', file: 'src/a.js', line: 3 })
    expect(written.stdout).toContain('::error file=services/shop/src/a.js,line=3::wrong')
    expect(facts).toEqual([{ type: 'annotation', task: 'test', level: 'error', message: 'wrong', file: 'src/a.js', line: 3 }])
  })

  it('make temporary folders that the host remembers for a clean-up', async () => {
    const { session, checkout } = await onGithub('.')
    const folder = await session.ports('push').files.temporary('auth')
    expect(folder.startsWith(join(checkout, 'temp', 'slipway-auth-'))).toBe(true)
    expect(readFileSync(join(checkout, 'state'), 'utf8')).toContain(folder)
    session.close()
  })

  it('tell messages as events of the task, without undefined fields and without secrets', async () => {
    const { session, events } = await fakeSession(workspaceWith())
    const ports = session.ports('push')
    ports.secrets.mask('hunter2-hunter2')
    ports.log.warn('refused', { user: 'robot', seen: 'hunter2-hunter2', left: undefined })
    ports.progress.doing('sending hunter2-hunter2', { done: 1, total: 2, unit: 'items' })
    expect(events).toMatchObject([
      { type: 'log', task: 'push', level: 'warn', message: 'refused', fields: { user: 'robot', seen: '***' } },
      { type: 'progress', task: 'push', doing: 'sending ***', part: { done: 1, total: 2, unit: 'items' } },
    ])
  })

  it('need the authorities that SSL_CERT_FILE names', async () => {
    await expect(fakeSession(workspaceWith(), { environment: { SSL_CERT_FILE: '/nonexistent.pem' } })).rejects.toMatchObject({
      code: 'SW-FILE-MISSING',
    })
  })
})
