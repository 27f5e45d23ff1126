import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { generateKeys } from '../../src/domain/sigstore/keys/generate.ts'
import { type Listening, listen } from '../../src/io/server.ts'
import { unsignedJwt } from '../fakes/cloud.ts'
import { silent } from '../fakes/served-registry.ts'
import { newFolder } from '../models/folders.ts'
import { startTokenService, type TokenService } from '../models/runner/oidc.ts'
import { onGithub, onTekton, slipway } from './bundles.ts'
import { checkout, workspaceWith } from './workspaces.ts'

const [username, registryPassword] = ['robot$ci', 'canary Registry+Pässword/1 %41']
const keyPassword = 'canary key-password $(HOME) "2"'
const sourcePassword = 'canary_source_password_3'
const buildSecret = 'canary_of_the_build_5'
const key = generateKeys('p256', keyPassword)
const token = unsignedJwt({ aud: 'sigstore', exp: 4_000_000_000, sub: 'canary-of-the-token-4', email: 'canary@example.com' })
/** What the token of a workflow says (docs.github.com, OpenID Connect reference); the mark is in no provenance. */
const claims = {
  ...{ ref: 'refs/heads/main', sha: 'c'.repeat(40), repository: 'acme/app', event_name: 'push', repository_id: '1' },
  ...{ workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main', repository_owner_id: '2', run_id: '3', run_attempt: '1' },
  ...{ job_workflow_ref: 'acme/app/.github/workflows/release.yml@refs/heads/main', runner_environment: 'github-hosted' },
}
/** What must be nowhere, by what it is. */
const canaries: Readonly<Record<string, string>> = {
  'the password of the registry': registryPassword,
  'the password of the key': keyPassword,
  'the password of the source': sourcePassword,
  'the secret of the build': buildSecret,
  'the private key': key.privateKey.split('\n').find((line) => line.length > 40 && !line.startsWith('-')) ?? '',
  'the identity token': token,
  'the claims of the identity token': token.split('.')[1] ?? '',
}

/** A registry that wants the account, and a server that says back whatever it is told, as a broken proxy does. */
let registry: Listening
let echo: Listening
let job: TokenService
let stored: string

beforeAll(async () => {
  stored = newFolder()
  registry = await listen(await createRegistry({ root: stored, log: silent, credentials: { username, password: registryPassword } }))
  job = await startTokenService({ claims })
  echo = await listen(async (request, response) => {
    const pieces: Buffer[] = []
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece)
    const heard = JSON.stringify({ message: `${Buffer.concat(pieces).toString()} ${JSON.stringify(request.headers)}` })
    response.writeHead(400, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="x"' }).end(heard)
  })
})
afterAll(async () => {
  await registry.close()
  await echo.close()
  await job.close()
})

/** A task with what it is given; by name, whether it is to fail. */
interface Work {
  readonly task: string
  readonly inputs: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  /** Its exit code; 0 by default. */
  readonly exit?: number
}

/** The whole road, and what goes wrong on it, with a secret wherever one can be given. */
function works(path: string): readonly Work[] {
  const image = `${registry.address}/${path}`
  const account = { inputs: { username }, secrets: { password: registryPassword } }
  const signing = { key: 'env://COSIGN_PRIVATE_KEY' }
  return [
    { task: 'source', inputs: { repository: `${echo.url}/app.git`, path: 'elsewhere' }, secrets: { password: sourcePassword }, exit: 4 },
    { task: 'build', inputs: { context: 'app', base: 'scratch', plan: 'folder', entrypoint: '/app/run' } },
    // Our own engine runs nothing of the user's, and says that it would not use it.
    { task: 'build', inputs: { context: 'app', base: 'scratch', plan: 'folder' }, secrets: { secrets: `npm=${buildSecret}` }, exit: 2 },
    { task: 'push', inputs: { ...account.inputs, image, tags: '1.0.0', 'tags-last': 'true' }, secrets: account.secrets },
    { task: 'push', inputs: { ...account.inputs, image }, secrets: { password: `${registryPassword} wrong` }, exit: 4 },
    {
      task: 'sign',
      inputs: { ...account.inputs, ...signing, format: 'both' },
      secrets: { ...account.secrets, 'key-password': keyPassword },
    },
    {
      task: 'sign',
      inputs: { ...account.inputs, ...signing },
      secrets: { ...account.secrets, 'key-password': `${keyPassword}!` },
      exit: 4,
    },
    {
      task: 'sign',
      inputs: { ...account.inputs, 'fulcio-url': echo.url, 'rekor-url': echo.url, timeout: '1s' },
      secrets: { ...account.secrets, 'identity-token': token },
      exit: 4,
    },
    { task: 'attest', inputs: { ...account.inputs, ...signing }, secrets: { ...account.secrets, 'key-password': keyPassword } },
    {
      task: 'attest',
      inputs: { ...account.inputs, 'fulcio-url': echo.url, 'rekor-url': echo.url, timeout: '1s' },
      secrets: { ...account.secrets, 'identity-token': token },
      exit: 4,
    },
    { task: 'verify', inputs: { ...account.inputs, 'as-signed': 'true' }, secrets: account.secrets },
    { task: 'verify', inputs: { ...account.inputs, 'as-signed': 'true' }, secrets: { password: `${registryPassword}!` }, exit: 4 },
    { task: 'tag', inputs: account.inputs, secrets: account.secrets },
    {
      task: 'promote',
      inputs: { ...account.inputs, 'from-username': username, from: image, to: `${image}/prod`, tags: 'stable' },
      secrets: { ...account.secrets, 'from-password': registryPassword },
    },
    { task: 'report', inputs: {} },
  ]
}

interface Ended {
  readonly code: number | null
  /** All that it wrote: output without the runner's masks, files of the host. */
  readonly said: string
}

/** Lays a git into the workspace, to which hosts let the task, that writes down the arguments it is started with. @returns all of them, later */
function watchGit(workspace: string): () => string {
  const git = join(workspace, 'programs/git')
  mkdirSync(dirname(git))
  writeFileSync(git, `#!/bin/sh\nprintf '%s\\n' "$@" >> '${git}.argv'\nPATH='${process.env['PATH']}' exec git "$@"\n`)
  chmodSync(git, 0o755)
  return () => readFileSync(`${git}.argv`, 'utf8')
}

const environment = (workspace: string) => ({
  COSIGN_PRIVATE_KEY: key.privateKey,
  PATH: [join(workspace, 'programs'), process.env['PATH']].join(':'),
})
const hosts: Readonly<Record<string, (work: Work, workspace: string) => Promise<Ended>>> = {
  async github({ task, inputs, secrets = {} }, workspace) {
    const run = await onGithub(task, {
      workspace,
      inputs: { ...inputs, ...secrets },
      environment: { ...environment(workspace), ...job.environment },
    })
    const { raw, outputs, state, summary, annotations } = run
    const lines = `${raw.stdout}\n${raw.stderr}`.split('\n').filter((line) => !line.startsWith('::add-mask::'))
    return { code: run.exitCode, said: JSON.stringify([lines, [...outputs], [...state], summary, annotations]) }
  },
  async tekton({ task, inputs, secrets = {} }, workspace) {
    const { tags, ...params } = inputs
    const run = await onTekton(task, {
      workspaces: { source: workspace },
      params: { ...params, ...(tags === undefined ? {} : { tags: [tags] }), ...(inputs['entrypoint'] ? { entrypoint: ['/app/run'] } : {}) },
      secrets: { [`slipway-${task}`]: secrets },
      environment: environment(workspace),
    })
    return { code: run.exitCode, said: JSON.stringify([run.log, [...(run.results ?? [])]]) }
  },
  async local({ task, inputs, secrets = {} }, cwd) {
    const flags = Object.entries(inputs).map(([name, value]) => `--${name}=${value}`)
    const hidden = Object.entries(secrets).map(([name, value]) => [`INPUT_${name.toUpperCase().replaceAll('-', '_')}`, value])
    const run = await slipway([task, ...flags, '--verbose'], { cwd, environment: { ...environment(cwd), ...Object.fromEntries(hidden) } })
    return { code: run.code, said: run.stdout + run.stderr }
  },
}

describe.each(Object.keys(hosts))(
  'on %s no key, password or token is in what is printed, recorded, kept, stored, or in an argument',
  (host) => {
    test('of any task, whether it goes well or not', async () => {
      const workspace = workspaceWith({ ...checkout, 'app/run': '#!/bin/true\n' })
      const started = watchGit(workspace)
      const said: string[] = []
      for (const work of works(`team/${host}`)) {
        const ended = await hosts[host]?.(work, workspace)
        expect([work.task, ended?.code, ended?.said]).toEqual([work.task, work.exit ?? 0, expect.any(String)])
        said.push(ended?.said ?? '')
      }
      const kept = [...filesOf(workspace), ...filesOf(stored)].join('\n')
      expect(kept).toContain('"wanted"')
      expect(started()).toContain('ls-remote')
      for (const [name, text] of [...said.entries(), ['what is kept', kept] as const, ['arguments', started()] as const]) {
        expect([name, foundIn(text)]).toEqual([name, []])
        expect([name, text.includes(job.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? '')]).toEqual([name, false])
        // No other token either: that of the job is another one each time.
        expect([name, /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/.exec(text)?.[0]]).toEqual([name, undefined])
      }
    }, 600_000)
  },
)

test('a secret that got out would be seen, however it is written', () => {
  for (const [name, secret] of Object.entries(canaries))
    for (const form of formsOf(secret)) expect(foundIn(`before ${form} after`)).toContain(name)
})

function foundIn(text: string): readonly string[] {
  return Object.entries(canaries).flatMap(([name, secret]) => (formsOf(secret).some((form) => text.includes(form)) ? [name] : []))
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret)
  const account = Buffer.from(`${username}:${secret}`).toString('base64')
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    bytes.toString('base64'),
    bytes.toString('base64url'),
    account,
  ]
}

/** As text, whatever they hold; layers as they are unpacked. */
function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [textOf(readFileSync(join(entry.parentPath, entry.name)))] : [],
  )
}

function textOf(bytes: Buffer): string {
  return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString('utf8')
}
