/** The embedded registry, by the distribution specification's own suite. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { silent } from '../fakes/served-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

/** The last tagged version cannot be had from Go's proxy. */
const suite = 'github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111'
const folder = temporaryFolder('official-conformance')

beforeAll(async () => {
  await output(['go', 'install', suite], { cwd: folder.path, env: { ...process.env, GOBIN: folder.path, GOFLAGS: '-mod=mod' } })
}, 300_000)
afterAll(() => folder[Symbol.dispose]())

/** How often each result is among the checks of the suite: `OCI Conformance Test/ping: Pass`. */
function resultsOf(report: string): Readonly<Record<string, number>> {
  const results = [...report.matchAll(/^ *OCI Conformance Test\b.*: (\w+)$/gm)].map(([, result = '']) => result)
  return Object.fromEntries([...new Set(results)].map((result) => [result, results.filter((one) => one === result).length]))
}

test.each(['1.0', '1.1', 'dev'])(
  'version %s of the specification is kept, without a failure',
  async (version) => {
    const root = join(folder.path, version)
    mkdirSync(root)
    const server = await listen(await createRegistry({ root, log: silent }))
    const { host } = new URL(server.url)
    const results = { OCI_VERSION: version, OCI_REGISTRY: host, OCI_TLS: 'disabled', OCI_RESULTS_DIR: join(root, 'results') }
    const { status, stdout, stderr } = await end([join(folder.path, 'conformance')], { env: { ...process.env, ...results } })
    await server.close()
    const { Pass: passed = 0, Skip: _optional, Disabled: _ofAnotherVersion, ...others } = resultsOf(stdout)
    expect({ status, others, stderr }).toEqual({ status: 0, others: {}, stderr: '' })
    expect(passed).toBeGreaterThan(800)
  },
  300_000,
)
