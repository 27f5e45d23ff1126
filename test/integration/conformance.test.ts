/** The embedded registry, by the distribution specification's own suite. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { listen } from '../../src/io/server.ts'
import { silent } from '../fakes/served-registry.ts'
import { temporaryFolder } from '../real/folder.ts'
import { end, output } from '../real/program.ts'

/** The last tagged version cannot be had from Go's proxy. It needs Go 1.24. */
const suite = 'github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111'
const folder = temporaryFolder('official-conformance')

/** Go keeps what it has fetched and compiled, so that a second attempt goes on where the network left the first. */
async function install(): Promise<void> {
  const env = { ...process.env, GOBIN: folder.path, GOFLAGS: '-mod=mod' }
  await output(['timeout', '140', 'go', 'install', suite], { cwd: folder.path, env })
}

beforeAll(() => install().catch(install), 300_000)
afterAll(() => folder[Symbol.dispose]())

/** What the suite counts in its report for machines: `<testsuite name="…" tests="858" failures="0" …>`. */
function countsOf(report: string): Readonly<Record<string, number>> {
  const [, attributes = ''] = /<testsuite ([^>]*)>/.exec(report) ?? []
  const counts = [...attributes.matchAll(/\b(tests|failures|errors|skipped|disabled)="(\d+)"/g)]
  return Object.fromEntries(counts.map(([, name = '', count]) => [name, Number(count)]))
}

test.each([
  ['1.0', { tests: 858, disabled: 8 }],
  ['1.1', { tests: 858, disabled: 2, skipped: 2 }],
  ['dev', { tests: 982, skipped: 2 }],
])(
  'version %s of the specification is kept, without a failure, as docs/guides/fault-registry.md says',
  async (version, counts) => {
    const root = join(folder.path, version)
    mkdirSync(root)
    const server = await listen(await createRegistry({ root: join(root, 'registry'), log: silent }))
    const { host } = new URL(server.url)
    // Nothing of the settings of whoever runs this: the suite reads OCI_* and a file in the working folder.
    const env = { PATH: process.env['PATH'], OCI_VERSION: version, OCI_REGISTRY: host, OCI_TLS: 'disabled', OCI_RESULTS_DIR: 'results' }
    const { status, stdout, stderr } = await end(['timeout', '240', join(folder.path, 'conformance')], { cwd: root, env })
    await server.close()
    const failed = stdout.split('\n').filter((line) => / Test\b.*: (?!Pass$|Skip$|Disabled$)\w+$/.test(line))
    expect({ status, failed, stderr }).toEqual({ status: 0, failed: [], stderr: '' })
    expect(countsOf(readFileSync(join(root, 'results', 'junit.xml'), 'utf8'))).toEqual({ failures: 0, errors: 0, ...counts })
  },
  300_000,
)
