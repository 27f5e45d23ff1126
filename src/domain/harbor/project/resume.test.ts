import { describe, expect, it } from '@jest/globals'
import { addUser } from '../../../../test/fakes/harbor/state.ts'
import type { Http, HttpRequest } from '../../../spec/ports.ts'
import { doneOf, linesOf, projectScene } from './scene.fake.ts'

const { scene, plan, apply, writes, project, connectBy } = projectScene()

const fileOf = (name: string): string => `
projects:
  ${name}:
    metadata: { public: true, severity: high, reuse-sys-cve-allowlist: false }
    quota: 1GiB
    cve-allowlist: { items: [CVE-2026-1], expires: 2027-01-31 }
    members: { alice: developer, bob: guest }
    labels: { prod: { color: "#ff0000" }, test: }
    immutability: [{ tags: "v*" }]
    retention: { schedule: daily, rules: [{ keep: latest-pushed, count: 10 }] }
    webhooks: { ci: { url: "https://ci.example.com", events: [PUSH_ARTIFACT] } }
`
/** What one apply of it writes to a new project. */
const allWrites = 9

/** All that a project is, but for what differs between any two. */
function stateOf(name: string): unknown {
  const { labels } = scene().harbor.state
  const { metadata, allowlist, members, quota, immutable, webhooks, id } = project(name)
  const { retention_id: retention, ...settings } = Object.fromEntries(metadata)
  return {
    ...{ settings, hasRetention: retention !== undefined, allowlist: allowlist.items, expires: allowlist.expires, hard: quota.hard },
    members: members.map(({ user, role }) => `${user.name} ${role}`).toSorted(),
    labels: labels.flatMap((label) => (label.project === id ? [`${label.name} ${label.color}`] : [])).toSorted(),
    immutable: immutable.map(({ body }) => body['tag_selectors']),
    webhooks: webhooks.map(({ body }) => body['targets']),
  }
}

function addPeople(): void {
  for (const name of ['alice', 'bob']) addUser(scene().harbor.state, name)
}

/** Ends at the k-th change: before it is sent, or when its answer is on the way. */
function cutting(http: Http, at: number, when: 'before' | 'after'): Http {
  let count = 0
  return {
    ...http,
    async request(one: HttpRequest) {
      const isChange = !['GET', 'HEAD'].includes(one.method)
      if (isChange) count += 1
      if (isChange && count > at) throw new Error('killed')
      if (isChange && count === at && when === 'before') throw new Error('killed')
      const answer = await http.request(one)
      if (isChange && count === at) throw new Error('killed')
      return answer
    },
  }
}

describe('an apply that was broken off', () => {
  it.each(Array.from({ length: allWrites }, (_, index) => index + 1))('at write %i goes on, and ends as one that was not', async (at) => {
    addPeople()
    await apply(fileOf('whole'))
    expect(writes()).toHaveLength(allWrites)
    for (const when of ['before', 'after'] as const) {
      const [, cut] = await apply(fileOf(when), { harbor: connectBy((http) => cutting(http, at, when)) })
      expect(String(cut?.error)).toContain('killed')
      doneOf(await apply(fileOf(when)))
      expect(stateOf(when)).toEqual(stateOf('whole'))
      expect(linesOf(await plan(fileOf(when)))).toEqual([])
    }
  })
})

describe('two at once', () => {
  it('both end well, and leave what one alone would have left', async () => {
    addPeople()
    await apply(fileOf('whole'))
    const both = await Promise.all([apply(fileOf('both')), apply(fileOf('both'))])
    for (const one of both) doneOf(one)
    expect(scene().harbor.log.filter((line) => line.endsWith(' 409')).length).toBeGreaterThan(0)
    expect(stateOf('both')).toEqual(stateOf('whole'))
    expect(doneOf(await apply(fileOf('both')))).toEqual([])
  })

  it('each tells what it did itself, and nothing that the other did', async () => {
    addPeople()
    const both = await Promise.all([apply(fileOf('both')), apply(fileOf('both'))])
    const done = both.flatMap(doneOf).filter((line) => /› (?:members|labels) ›/.test(line))
    expect(done.toSorted()).toEqual([...new Set(done)].toSorted())
    expect(done).toHaveLength(4)
  })
})
