import { expect, it } from '@jest/globals'
import { addUser } from '../../../../test/fakes/harbor/state.ts'
import { exportProjects } from './export.ts'
import { admin, linesOf, projectScene } from './scene.fake.ts'

const { scene, plan, apply, project } = projectScene()

const secrets = new Map([['CI_AUTH', 'Bearer s3cret-1']])
const file = `
projects:
  shop:
    metadata: { public: true, severity: high, prevent-vul: true, reuse-sys-cve-allowlist: false }
    quota: 20GiB
    cve-allowlist: { items: [CVE-2026-1], expires: 2027-01-31 }
    members: { alice: developer }
    labels: { prod: { color: "#ff0000" } }
    immutability: [{ tags: "v*" }]
    retention: { schedule: daily, rules: [{ keep: latest-pushed, count: 10 }] }
    webhooks: { ci: { url: "https://ci.example.com", events: [PUSH_ARTIFACT], auth-header: { secret: CI_AUTH } } }
`

it('a project comes out as a file that finds nothing to change, also with prune', async () => {
  addUser(scene().harbor.state, 'alice')
  await apply(file, { secrets })
  const { text, notes } = await exportProjects(scene().connect(admin), ['shop', 'library'])
  expect(notes).toEqual([])
  expect(text).toContain('quota: 20GiB')
  expect(text).not.toContain('s3cret')
  const changes = await plan(text, { secrets, prune: ['members', 'labels', 'immutability', 'webhooks'] })
  expect(changes.length).toBeGreaterThan(20)
  expect(linesOf(changes)).toEqual([])
})

it('says what is left out: what the account may not see, and what a file has no words for', async () => {
  const bob = addUser(scene().harbor.state, 'bob')
  await apply(file, { secrets })
  project('shop').metadata.set('severity', 'unknown')
  project('shop').metadata.set('new_in_harbor_3', 'true')
  project('shop').members.push({ id: 99, user: bob, role: 2 })
  const { text, notes } = await exportProjects(scene().connect({ username: 'bob', password: bob.password }), ['shop'])
  expect(notes).toEqual([
    ...['immutability', 'webhooks', 'preheat'].map((kind) => `shop › ${kind}: this account may not see it`),
    'projects.shop.metadata.severity: "unknown" is nothing that a file may say',
    'projects.shop.metadata.new-in-harbor-3: true is nothing that a file may say',
  ])
  expect(text).toContain('# not in this file: shop › webhooks: this account may not see it\n')
  expect(linesOf(await plan(text))).toEqual([])
})

it('a project that is not there is told', async () => {
  await expect(exportProjects(scene().connect(admin), ['nowhere'])).rejects.toMatchObject({ code: 'SW-HARBOR-NOT-FOUND' })
})
