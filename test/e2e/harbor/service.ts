import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fill } from '../../real/folder.ts'
import { output } from '../../real/program.ts'

/** The key of a service: it may be shown, it signs nothing but this suite's images. */
export interface Keys {
  /** PEM, encrypted with `password`. */
  readonly privateKey: string
  readonly publicKey: string
  readonly password: string
}

export async function makeKeys(folder: string): Promise<Keys> {
  const password = 'e2e'
  mkdirSync(folder)
  await output(['cosign', 'generate-key-pair'], { cwd: folder, env: { ...process.env, COSIGN_PASSWORD: password } })
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { privateKey: read('cosign.key'), publicKey: read('cosign.pub'), password }
}

/** What fails the gate of this service: any scanner that knows npm finds much in it. */
export const layers = {
  'app/index.js': `import _ from 'lodash'\nconsole.log(_.capitalize('hello'))\n`,
  'app/package.json': '{"name":"service","version":"1.0.0","type":"module","dependencies":{"lodash":"4.17.20"}}',
  'app/package-lock.json': JSON.stringify({
    ...{ name: 'service', version: '1.0.0', lockfileVersion: 3, requires: true },
    packages: {
      '': { name: 'service', version: '1.0.0', dependencies: { lodash: '4.17.20' } },
      'node_modules/lodash': { version: '4.17.20', license: 'MIT' },
    },
  }),
  'app/node_modules/lodash/package.json': '{"name":"lodash","version":"4.17.20","license":"MIT"}',
} as const

export const build = { base: 'scratch', layers: 'app:/srv/app', cmd: '/srv/app/index.js', platforms: 'linux/amd64,linux/arm64' } as const
export const tags = ['1.0.0', 'latest'] as const
const tests = 'node --test --test-reporter=junit --test-reporter-destination=junit.xml one.test.js'
export const testCommand = tests.split(' ')

/** What the scanner of this Harbor finds, as the owners of the service have accepted it. */
export function exceptionsOf(ids: readonly string[]): string {
  const expires = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10)
  const accepted = ids.map((id) => ({ id, reason: 'accepted for the test of the road', owner: 'e2e', expires }))
  return JSON.stringify({ exceptions: accepted }, null, 2)
}

/** The repository of the service, with the road as a pipeline file and as a workflow. */
export function writeService(folder: string, { keys, exceptions }: { readonly keys: Keys; readonly exceptions: string }): void {
  fill(folder, {
    ...layers,
    'one.test.js': `import { test } from 'node:test'\ntest('one', () => undefined)\n`,
    'package.json': '{"type":"module"}',
    '.gitignore': '.slipway/\njunit.xml\n',
    'cosign.pub': keys.publicKey,
    'verify.yaml': 'signers: [{ key: cosign.pub }]\nlog: never\n',
    'exceptions.yaml': exceptions,
    'slipway.yaml': pipelineFile,
    '.github/workflows/release.yml': workflow,
  })
}

/** Harbor's scanner has seen the image before anybody signs it: a project may hold back what is not scanned. */
const pipelineFile = `
tasks:
  - test: { command: ${JSON.stringify(testCommand)}, reports: junit.xml }
  - build: ${JSON.stringify(build)}
  - sbom
  - push: { image: { env: IMAGE }, tags: ${JSON.stringify(tags)} }
  - scan: { source: harbor, max-database-age: 3650d }
  - sign: { key: env://COSIGN_PRIVATE_KEY }
  - attest: { predicates: [sbom, scan, test-result] }
  - verify: { policy: verify.yaml }
`

const action = (name: string, inputs: Readonly<Record<string, string>> = {}): string =>
  [
    `      - id: ${name}`,
    `        uses: slipway-ci/slipway/actions/${name}@v1`,
    ...(Object.keys(inputs).length === 0 ? [] : ['        with:']),
    ...Object.entries(inputs).map(([key, value]) => `          ${key}: ${JSON.stringify(value)}`),
  ].join('\n')

const image = `\${{ vars.IMAGE }}`
const key = 'env://COSIGN_PRIVATE_KEY'
const workflow = `
on: push
jobs:
  release:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
${[
  action('preflight', { image, tags: tags.join(','), scan: 'true' }),
  action('test', { command: tests, reports: 'junit.xml' }),
  action('build', build),
  action('sbom', { image }),
  action('push', { image, tags: tags.join(','), 'tags-last': 'true' }),
  action('scan', { source: 'harbor', 'harbor-image': image, 'max-database-age': '3650d', exceptions: `\${{ vars.EXCEPTIONS }}` }),
  action('sign', { key, 'require-gate': 'true' }),
  action('attest', { key, predicates: 'sbom,scan,test-result' }),
  action('verify', { policy: 'verify.yaml' }),
  action('tag', { 'require-verified': 'true' }),
].join('\n')}
`
