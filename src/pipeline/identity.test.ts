import { expect, test } from '@jest/globals'
import { identityUnavailable } from '../host/errors.ts'
import { temporaryFolder } from '../io/fixtures/folder.ts'
import type { Host } from '../spec/host.ts'
import type { Ports } from '../spec/ports.ts'
import { tasks } from '../tasks/registry.ts'
import { readPipeline } from './file.ts'
import { requireIdentity } from './identity.ts'
import { fakeSession, workspaceWith } from './road.fake.ts'

const workspace = temporaryFolder()
const push = 'push: { image: r.example/app }'
const keyed = 'sign: { key: cosign.key }'

/** Who asks a host without an identity for one before the road begins, and what it is told to do. */
async function asked(name: Host['name'], items: readonly string[]): Promise<string | undefined> {
  const { session } = await fakeSession(workspace)
  const file = `tasks:\n${items.map((item) => `  - ${item}\n`).join('')}`
  const { steps } = await readPipeline({
    workspace: workspaceWith({ 'slipway.yaml': file }),
    tasks,
    environment: { TOKEN: 'a.b.c' },
    overrides: [],
  })
  const ports = (task: string): Ports => ({
    ...session.ports(task),
    identity: { token: () => Promise.reject(identityUnavailable('There is none.', { hint: `give ${task} one` })) },
  })
  return requireIdentity(steps, { host: { name }, ports }).then(
    () => undefined,
    (error: unknown) => (identityUnavailable.is(error) ? error.hint : String(error)),
  )
}

test.each<[string, Host['name'], readonly string[], string | undefined]>([
  ['signs without a key', 'local', ['sign'], 'give sign one, or give `sign` a key'],
  ['signs with a key', 'local', [keyed, 'attest'], undefined],
  ['signs with a token', 'local', ['sign: { identity-token: { env: TOKEN } }'], undefined],
  ['tells who built, on GitHub', 'github', [keyed, 'attest'], 'give attest one, or leave provenance out of `predicates` of `attest`'],
  [
    'tells it by name',
    'github',
    [keyed, 'attest: { predicates: [sbom, provenance] }'],
    'give attest one, or leave provenance out of `predicates` of `attest`',
  ],
  ['attests to nothing of the kind', 'github', [keyed, 'attest: { predicates: sbom }'], undefined],
  ['tells it by a token', 'github', [keyed, 'attest: { identity-token: { env: TOKEN } }'], undefined],
])('a road that %s', async (_, host, items, expected) => {
  expect(await asked(host, ['build', push, ...items])).toEqual(expected)
})
