import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { commitAll, exportActions, runWorkflow, type WorkflowRun } from '../real/act.ts'
import { startDockerRegistry } from '../real/docker-registry.ts'
import { checkOutExample, repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { startGate } from '../real/gate.ts'
import { type Ended, end, output } from '../real/program.ts'
import { published, workflowToken } from '../real/sigstore.ts'

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('keyless')).path
const command = join(repository, 'dist', 'slipway', 'index.js')
const person = { identity: 'dev@example.com', issuer: published('OIDC_ISSUER') }
let registry: string

beforeAll(async () => {
  mkdirSync(join(folder, 'registry'))
  registry = stack.use(await startDockerRegistry(join(folder, 'registry'))).address
})
afterAll(() => stack.disposeAsync())

interface Who {
  readonly identity: string
  readonly issuer: string
}

const root = (): string => published('SIGSTORE_TRUSTED_ROOT')
const cosign = (verb: string, { identity, issuer }: Who, image: string, ...more: string[]): Promise<Ended> =>
  end([
    ...['cosign', verb, '--allow-http-registry', '--trusted-root', root()],
    ...['--certificate-identity', identity, '--certificate-oidc-issuer', issuer, ...more, image],
  ])
const tagsOf = async (image: string): Promise<string[]> =>
  (await end(['crane', 'ls', '--insecure', image])).stdout.split('\n').filter((tag) => tag !== '' && !tag.startsWith('sha256-'))

/** A token of a person, as `sigstore` gets it from the provider of an organisation. */
async function personToken(): Promise<string> {
  const body = JSON.stringify({ sub: person.identity, email: person.identity, email_verified: true })
  const response = await fetch(`${person.issuer}/token`, { method: 'POST', body })
  return (await response.text()).trim()
}

describe('on a laptop, signing as a person', () => {
  const project = join(folder, 'laptop')
  const image = (): string => `${registry}/laptop/app`
  const slipway = async (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    end([process.execPath, command, ...argv], {
      cwd: project,
      env: { ...process.env, SLIPWAY_HOST: 'local', SIGSTORE_ID_TOKEN: await personToken(), ...env },
    })
  const road = (tasks: string): void => writeFileSync(join(project, 'slipway.yaml'), `tasks:\n${tasks}`)
  const built = '  - build: { base: scratch, plan: folder, entrypoint: /app/hello.txt }\n'

  beforeAll(() => {
    mkdirSync(project)
    writeFileSync(join(project, 'hello.txt'), 'hello')
  })

  it('one word turns it on: pushed by digest, signed, attested, verified, then tagged', async () => {
    road(`${built}  - push: { image: ${image()}, tags: [1.4.0, latest] }\n`)
    const run = await slipway(['run', '--sign'])
    expect(run).toMatchObject({ status: 0 })
    expect([...run.stdout.matchAll(/^✓ (\w+)/gm)].map(([, task]) => task)).toEqual(['build', 'push', 'sign', 'attest', 'verify', 'tag'])
    expect((await tagsOf(image())).toSorted()).toEqual(['1.4.0', 'latest'])
  })

  it('cosign verifies signature and provenance, and nobody else’s', async () => {
    const digest = (await output(['crane', 'digest', '--insecure', `${image()}:latest`])).trim()
    expect(await cosign('verify', person, `${image()}@${digest}`)).toMatchObject({ status: 0 })
    expect(await cosign('verify-attestation', person, `${image()}@${digest}`, '--type', 'slsaprovenance1')).toMatchObject({ status: 0 })
    expect((await cosign('verify', { ...person, identity: 'other@example.com' }, `${image()}@${digest}`)).status).not.toBe(0)
  })

  it('neither the workspace nor the registry keeps a token', () => {
    const files = [join(project, '.slipway'), join(folder, 'registry')].flatMap((place) =>
      readdirSync(place, { recursive: true, withFileTypes: true }).flatMap((entry) =>
        entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
      ),
    )
    const texts = files.map((file) => [file, readFileSync(file, 'latin1')] as const)
    expect(texts.some(([, text]) => text.includes('dsseEnvelope'))).toBe(true)
    expect(texts.filter(([, text]) => /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/.test(text)).map(([file]) => file)).toEqual([])
  })

  it('ours verifies what cosign signed, in a road that does not sign itself', async () => {
    road(`${built}  - push: { image: ${registry}/laptop/theirs, tags: [theirs] }\n`)
    await slipway(['run'])
    const digest = (await output(['crane', 'digest', '--insecure', `${registry}/laptop/theirs:theirs`])).trim()
    const theirs = `${registry}/laptop/theirs@${digest}`
    const token = ['--identity-token', await personToken(), '--signing-config', published('SIGSTORE_SIGNING_CONFIG')]
    await output(['cosign', 'sign', '--yes', '--allow-http-registry', '--trusted-root', root(), ...token, theirs])
    const asked = ['verify', '--image', theirs, '--issuer', person.issuer, '--identity']
    expect(await slipway([...asked, person.identity])).toMatchObject({ status: 0 })
    expect(await slipway([...asked, 'other@example.com'])).toMatchObject({ status: 3 })
  })

  it.each([
    ['the log', 'REKOR_URL'],
    ['Fulcio', 'FULCIO_URL'],
    ['the timestamp authority', 'TSA_URL'],
  ])('while %s is down nothing is tagged and exit is 6; resume signs once, and goes on', async (_, variable) => {
    const { origin } = new URL(published(variable))
    const gate = stack.use(await startGate(origin))
    const config = readFileSync(published('SIGSTORE_SIGNING_CONFIG'), 'utf8').replaceAll(origin, gate.url)
    writeFileSync(join(folder, 'signing_config.json'), config)
    const parked = `${registry}/laptop/parked-${variable.toLowerCase()}`
    road(`${built}  - push: { image: ${parked}, tags: [latest] }\n  - sign: { timeout: 12s }\n  - verify\n`)
    const env = { SIGSTORE_SIGNING_CONFIG: join(folder, 'signing_config.json') }
    gate.isOpen = false
    const down = await slipway(['run'], env)
    expect(down).toMatchObject({ status: 6, stdout: expect.stringContaining('slipway resume') })
    expect(await tagsOf(parked)).toEqual([])
    gate.isOpen = true
    const resumed = await slipway(['resume'], env)
    expect(resumed).toMatchObject({ status: 0 })
    expect([...resumed.stdout.matchAll(/^([✓=]) (\w+)/gm)].map(([, mark, task]) => `${mark} ${task}`)).toEqual([
      '= build',
      '= push',
      '✓ sign',
      '✓ verify',
      '✓ tag',
    ])
    const digest = (await output(['crane', 'digest', '--insecure', `${parked}:latest`])).trim()
    const list = JSON.parse(await output(['crane', 'manifest', '--insecure', `${parked}:${digest.replace(':', '-')}`]))
    expect(list.manifests).toHaveLength(1)
    expect(await cosign('verify', person, `${parked}@${digest}`)).toMatchObject({ status: 0 })
  })
})

describe('a workflow under act, signing as itself', () => {
  const who: Who = {
    identity: 'https://github.com/acme/hello-node/.github/workflows/release.yml@refs/heads/main',
    issuer: published('OIDC_GITHUB_ISSUER'),
  }
  const claims = { repository: 'acme/hello-node', ref: 'refs/heads/main' }
  const bearer = Buffer.from(JSON.stringify(claims)).toString('base64url')
  let image: string
  let done: WorkflowRun

  beforeAll(async () => {
    image = `${registry}/acme/hello-node`
    const project = join(folder, 'act')
    checkOutExample(project)
    cpSync(join(repository, 'examples', 'signing'), project, { recursive: true })
    const policy = readFileSync(join(project, 'verify.yaml'), 'utf8')
    writeFileSync(join(project, 'verify.yaml'), policy.replace('https://token.actions.githubusercontent.com', who.issuer))
    await commitAll(project)
    await exportActions(join(folder, 'actions'))
    done = await runWorkflow({
      ...{ project, actions: join(folder, 'actions'), cache: join(folder, 'cache'), vars: { IMAGE: image }, token: 'ghs_keyless' },
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${who.issuer}/oidc?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
        // The issuer of the lab speaks plain HTTP, and the token of the job is shown to it.
        SLIPWAY_INSECURE_HOSTS: new URL(who.issuer).hostname,
        SIGSTORE_SIGNING_CONFIG: published('SIGSTORE_SIGNING_CONFIG'),
        SIGSTORE_TRUSTED_ROOT: root(),
      },
    })
  }, 360_000)

  it('goes the whole road, and tags last', async () => {
    expect({ result: done.result, log: done.log }).toMatchObject({ result: 'success' })
    expect(done.outputs['release.image']).toMatch(/@sha256:[0-9a-f]{64}$/)
    expect(`${image}@${(await output(['crane', 'digest', '--insecure', `${image}:latest`])).trim()}`).toBe(done.outputs['release.image'])
  })

  it('cosign verifies the workflow’s signature and provenance', async () => {
    const pinned = done.outputs['release.image'] ?? ''
    expect(await cosign('verify', who, pinned)).toMatchObject({ status: 0 })
    expect(await cosign('verify-attestation', who, pinned, '--type', 'slsaprovenance1')).toMatchObject({ status: 0 })
    const evil = { ...who, identity: who.identity.replace('main', 'main-evil') }
    expect((await cosign('verify', evil, pinned)).status).not.toBe(0)
  })

  it('ours verifies what cosign signed as the same workflow, and not as one of another branch', async () => {
    const pinned = done.outputs['release.image'] ?? ''
    const verify = (ref: string): Promise<Ended> =>
      end(
        [
          ...[process.execPath, command, 'verify', '--image', `${registry}/acme/copy@${pinned.split('@')[1]}`, '--issuer', who.issuer],
          ...['--repository', 'acme/hello-node', '--ref', ref, '--trusted-root', root()],
        ],
        { env: { ...process.env, SLIPWAY_HOST: 'local' } },
      )
    await output(['crane', 'copy', '--insecure', pinned, `${registry}/acme/copy`])
    const flags = ['--yes', '--allow-http-registry', '--trusted-root', root(), '--signing-config', published('SIGSTORE_SIGNING_CONFIG')]
    await output([
      'cosign',
      'sign',
      ...flags,
      '--identity-token',
      await workflowToken(claims),
      `${registry}/acme/copy@${pinned.split('@')[1]}`,
    ])
    expect(await verify('refs/heads/main')).toMatchObject({ status: 0 })
    expect(await verify('refs/heads/main-evil')).toMatchObject({ status: 3 })
  })

  it('prints neither the token of the job nor the one that it got', () => {
    expect(done.log).not.toContain('ghs_keyless')
    expect(done.log).not.toContain(bearer)
    expect(done.log).not.toMatch(/eyJ[\w-]+\.eyJ/)
  })
})
