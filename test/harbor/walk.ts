import { sha256 } from '../../src/base/digest.ts'
import { type FakeHarbor, startFakeHarbor } from '../fakes/harbor/harbor.ts'
import { robotName } from '../fakes/harbor/state.ts'
import type { Granted } from '../fakes/harbor/tokens.ts'
import { differences, type Seen } from './compare.ts'
import { type Contents, createContents } from './content.ts'
import { meanwhile, scriptOf } from './meanwhile.ts'
import { quietly } from './pushes.ts'
import type { Exchange, Scenario } from './recording.ts'
import { type Scene, scenes } from './scenes.ts'
import { setStage } from './stage.ts'

export interface Walked {
  readonly exchange: Exchange
  /** Empty when the fake answered as Harbor did. */
  readonly problems: readonly string[]
}

const ids: readonly (readonly [RegExp, string])[] = [
  [/\/projects\/(\d+)$/, 'project'],
  [/\/robots\/(\d+)$/, 'robot'],
  [/\/members\/(\d+)$/, 'member'],
  [/\/labels\/(\d+)$/, 'label'],
  [/\/immutabletagrules\/(\d+)$/, 'immutable'],
  [/\/retentions\/(\d+)$/, 'retention'],
  [/\/executions\/(\d+)$/, 'execution'],
  [/\/registries\/(\d+)$/, 'registry'],
  [/\/replication\/policies\/(\d+)$/, 'replication'],
  [/\/webhook\/policies\/(\d+)$/, 'webhook'],
  [/\/users\/(\d+)$/, 'user'],
  [/\/system\/gc\/([1-9]\d*)$/, 'gc'],
]

/** Sends what was asked of the real Harbor to the fake, in order and at the same times, and compares the answers. */
export async function walk(scenario: Scenario): Promise<readonly Walked[]> {
  const scene = scenes[scenario.name] ?? {}
  const start = Date.parse(scene.start ?? '2026-11-21T16:20:00Z')
  const clock = { now: start - 60_000 }
  let hold = async (): Promise<void> => undefined
  await using harbor = await startFakeHarbor({ now: () => clock.now, hold: () => hold() })
  const contents = createContents(scenario)
  const walker = createWalker(harbor, { scenario, contents, scene })
  await setStage(harbor, scenario, { scene, contents })
  harbor.scans.script = scriptOf(scenario, { now: () => clock.now - start })
  const walked: Walked[] = []
  for (const group of groupsOf(scenario.exchanges)) {
    clock.now = start + (group[0]?.t ?? 0)
    for (const one of group) {
      walker.prepare(one)
      await meanwhile(harbor, one, { scenario, contents })
    }
    walked.push(...paired(group, await together(group)))
  }
  return walked

  async function together([first, ...others]: readonly Exchange[]): Promise<readonly Seen[]> {
    if (first === undefined) return []
    if (!others.some(isMeanwhile)) return Promise.all([first, ...others].map((one) => walker.send(one)))
    const [held, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    hold = () => {
      held.resolve()
      return over.promise
    }
    const wrong = walker.send(first)
    await Promise.race([held.promise, wrong])
    const seen = await Promise.all(others.map((one) => walker.send(one)))
    over.resolve()
    hold = async () => undefined
    return [await wrong, ...seen]
  }
}

/** Asked while a wrong password is held back. */
const isMeanwhile = ({ note = '' }: Exchange): boolean => /meanwhile|while the wrong/.test(note)

/** What was sent at once: the answers came in any order. */
function groupsOf(exchanges: readonly Exchange[]): readonly (readonly Exchange[])[] {
  const groups: Exchange[][] = []
  const keyOf = ({ note = '', n }: Exchange): string => (/parallel/.test(note) && /\d$/.test(note) ? note.replace(/\d+$/, '') : String(n))
  for (const exchange of exchanges) {
    const last = groups.at(-1)
    if (last?.[0] !== undefined && (keyOf(last[0]) === keyOf(exchange) || isMeanwhile(exchange))) last.push(exchange)
    else groups.push([exchange])
  }
  return groups
}

/** Each gets the answer that is like the recorded one, as long as there is one; the rest is what differs. */
function paired(group: readonly Exchange[], seen: readonly Seen[]): readonly Walked[] {
  const left = new Set(seen)
  const takes = (exchange: Exchange, most: number): readonly string[] | undefined => {
    const tries = [...left].map((one) => ({ one, problems: differences(exchange, one) })).filter(({ problems }) => problems.length <= most)
    const best = tries.toSorted((a, b) => a.problems.length - b.problems.length)[0]
    if (best !== undefined) left.delete(best.one)
    return best?.problems
  }
  const same = group.map((exchange) => ({ exchange, problems: takes(exchange, 0) }))
  return same.map(({ exchange, problems }) => ({
    exchange,
    problems: problems ?? takes(exchange, Number.POSITIVE_INFINITY) ?? ['no answer'],
  }))
}

interface Walker {
  prepare(exchange: Exchange): void
  send(exchange: Exchange): Promise<Seen>
}

function createWalker(harbor: FakeHarbor, { scenario, contents, scene }: { scenario: Scenario; contents: Contents; scene: Scene }): Walker {
  const uploads = new Map<string, { locations: string[]; sent: number }>()
  const secrets = new Map<string, string>()
  const tokens = new Map<string, string>()
  const reports = new Map<string, string>()
  const session = { sid: 'stale', token: '' }
  return { prepare, send }

  function prepare({ n, res }: Exchange): void {
    scene.at?.[n]?.(harbor)
    const { location = '' } = res.headers
    for (const [pattern, kind] of ids) {
      const id = pattern.exec(location)?.[1]
      if (id !== undefined) harbor.state.ids.set(kind, Number(id))
    }
    const uuid = /\/scanners\/([0-9a-f-]{36})$/.exec(location)?.[1]
    if (uuid !== undefined) harbor.state.settings.set('next_uuid', uuid)
  }

  async function send(exchange: Exchange): Promise<Seen> {
    const { req } = exchange
    const body = bodyOf(exchange)
    const path = await pathOf(exchange)
    const headers = new Headers(await headersOf(exchange))
    const answer = await fetch(new URL(path, harbor.url), {
      method: req.method,
      headers,
      redirect: 'manual',
      ...(body === undefined ? {} : { body: new Uint8Array(body) }),
    })
    const seen = { status: answer.status, headers: answer.headers, body: await read(answer) }
    learn(exchange, seen)
    return seen
  }

  function bodyOf({ req, res, n, note = '' }: Exchange): Buffer | undefined {
    const { body, method, path } = req
    if (body === undefined) return n === 42 && path.endsWith('/huge') ? Buffer.alloc(5_000_000, ' ') : undefined
    const secret = isWrong(note, n) ? 'wrong' : 'alice-Passw0rd'
    if (typeof body === 'string') return Buffer.from(body.replaceAll('<secret>', secret))
    const { $bytes: bytes, $sha256: recorded } = Object(body)
    if (typeof bytes === 'number') return blobOf({ method, path, bytes, recorded: String(recorded) })
    const text = contents
      .ours(JSON.stringify(body).replaceAll('<secret>', /weak/.test(note) ? 'weak' : 'Recorded-Secret1'))
      .replace(/<(\w) x (\d+)>/g, (_, letter: string, count: string) => letter.repeat(Number(count)))
    const made = Buffer.from(text)
    const digest = res.headers['docker-content-digest']
    if (method === 'PUT' && path.includes('/manifests/') && digest !== undefined) contents.learn(digest, sha256(made))
    return made
  }

  /** A part of a blob is cut from the whole, which is known from the request that ends the upload. */
  function blobOf({ method, path, bytes, recorded }: { method: string; path: string; bytes: number; recorded: string }): Buffer {
    const id = uploadOf(path)
    const ends = scenario.exchanges.filter(
      ({ req }) => req.method === 'PUT' && uploadOf(req.path) === id && id !== undefined && req.path.includes('digest='),
    )
    const end = ends.find(({ res }) => res.status === 201) ?? ends[0]
    const whole = /digest=sha256(?:%3A|:)([0-9a-f]{64})/.exec(end?.req.path ?? '')?.[1]
    if (method === 'PUT' || whole === undefined) return contents.of(recorded, bytes)
    const sent = uploads.get(id ?? '')?.sent ?? 0
    const all = whole === recorded ? contents.of(recorded, bytes) : contents.of(whole, sizeOf(whole))
    const upload = uploads.get(id ?? '')
    if (upload !== undefined) upload.sent += bytes
    return all.subarray(sent, sent + bytes)
  }

  function sizeOf(recorded: string): number {
    const sizes = scenario.exchanges.map(({ req }) => Object(req.body)).filter(({ $sha256: one }) => one === recorded)
    return Number(sizes[0]?.$bytes ?? 0)
  }

  async function pathOf(exchange: Exchange): Promise<string> {
    const { path } = exchange.req
    const written = contents.ours(path).replace(/<(\w) x (\d+)>/g, (_, letter: string, count: string) => letter.repeat(Number(count)))
    const id = uploadOf(path)
    if (id === undefined)
      return written
        .replace(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (uuid) => reports.get(uuid) ?? uuid)
        .replaceAll('HARBOR', 'localhost')
    if (!uploads.has(id) && id !== '00000000-0000-0000-0000-000000000000') await openUpload(exchange, id)
    const known = uploads.get(id)
    const live = known === undefined ? undefined : exchange.note?.includes('stale') === true ? known.locations[0] : known.locations.at(-1)
    const digest = /[?&]digest=[^&]+/.exec(written)?.[0]?.replace('?', '&') ?? ''
    return live === undefined ? written : `${live}${digest}`
  }

  /** A session whose beginning was not recorded, with as many bytes as it had. */
  async function openUpload({ req, res }: Exchange, id: string): Promise<void> {
    const [, repository] = /^\/v2\/(.+)\/blobs\/uploads\//.exec(req.path) ?? []
    const end = Number(/^0-(\d+)$/.exec(res.headers['range'] ?? '')?.[1] ?? 0) + 1
    const own = Number(Object(req.body).$bytes ?? 0)
    const begun = await quietly(harbor, 'POST', `/v2/${repository}/blobs/uploads/`)
    const filled = end > own && req.method === 'PATCH' ? await quietly(harbor, 'PATCH', begun, Buffer.alloc(end - own, 1)) : begun
    uploads.set(id, { locations: [begun, filled], sent: 0 })
  }

  async function headersOf(exchange: Exchange): Promise<Record<string, string>> {
    const { req } = exchange
    const headers: Record<string, string> = { accept: '' }
    for (const [name, value] of Object.entries(req.headers)) {
      if (name === 'authorization') headers[name] = authorization(exchange, value)
      else if (name === 'cookie') headers[name] = value.replace('sid=<cookie>', `sid=${session.sid}`)
      else if (name === 'x-harbor-csrf-token') headers[name] = value.replace('<csrf token>', session.token)
      else headers[name] = contents.ours(value)
    }
    return headers
  }

  function authorization({ note = '', n }: Exchange, value: string): string {
    const [, user] = /^Basic <(.+):secret>$/.exec(value) ?? []
    if (user !== undefined) return basic(user, isWrong(note, n) ? 'wrong' : passwordOf(user))
    const [, access] = /^Bearer <jwt access=(.+)>$/s.exec(value) ?? []
    if (access === undefined) return value
    if (scene.renewed?.includes(n) === true) tokens.clear()
    const token = tokens.get(value) ?? harbor.tokens.issue(grantedIn(access), 'somebody')
    tokens.set(value, token)
    return `Bearer ${token}`
  }

  function isWrong(note: string, n: number): boolean {
    if (/RIGHT|right (?:password|secret)|wrong digest/.test(note)) return false
    return (
      (/wrong (?:password|secret|attempt)|old secret|WRONG/i.test(note) && !/wrong type|ping with wrong/.test(note)) ||
      (scene.wrong ?? []).includes(n)
    )
  }

  function passwordOf(user: string): string {
    const robot = harbor.state.robots.find((one) => robotName(harbor.state, one) === user)
    return robot?.secret ?? secrets.get(user) ?? `${user}-Passw0rd`
  }

  function learn(exchange: Exchange, seen: Seen): void {
    const { res } = exchange
    const id = res.headers['docker-upload-uuid']
    const location = seen.headers.get('location')
    if (id !== undefined && location !== null) {
      const known = uploads.get(id) ?? { locations: [], sent: 0 }
      known.locations.push(location)
      uploads.set(id, known)
    }
    const cookie = /sid=([^;]+)/.exec(seen.headers.get('set-cookie') ?? '')?.[1]
    if (cookie !== undefined && exchange.req.headers['cookie'] === undefined) session.sid = cookie
    session.token = seen.headers.get('x-harbor-csrf-token') ?? session.token
    learnReports(res.body, seen.body)
  }

  function learnReports(recorded: unknown, live: unknown): void {
    for (const name of ['scan_overview', 'sbom_overview']) {
      const [a, b] = [Object(Object(recorded)[name]), Object(Object(live)[name])]
      const [one, other] = name === 'scan_overview' ? [Object.values(a)[0], Object.values(b)[0]] : [a, b]
      const [from, to] = [Object(one).report_id, Object(other).report_id]
      if (typeof from === 'string' && typeof to === 'string') reports.set(from, to)
      const [digest, own] = [Object(one).sbom_digest, Object(other).sbom_digest]
      if (typeof digest === 'string' && typeof own === 'string') contents.learn(digest, own)
    }
  }
}

function uploadOf(path: string): string | undefined {
  return /\/blobs\/uploads\/([0-9a-f-]{36})/.exec(path)?.[1]
}

function basic(user: string, password: string): string {
  return `Basic ${user === '?' ? '!!!' : Buffer.from(`${user}:${password}`).toString('base64')}`
}

function grantedIn(access: string): readonly Granted[] {
  const pairs: readonly (readonly [string, readonly string[]])[] = JSON.parse(access)
  return pairs.map(([name, actions]) => ({ type: 'repository', name, actions }))
}

async function read(answer: Response): Promise<unknown> {
  const text = await answer.text()
  return /^[[{]|^"/.test(text) ? JSON.parse(text) : text
}
