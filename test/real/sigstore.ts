/** What signing is tried on: the registries with and without a referrers API, keys of every type, real cosign, the lab's Sigstore. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '../../src/base/digest.ts'
import { copyFromLayout } from '../../src/domain/oci/copy.ts'
import { createLayout } from '../../src/domain/oci/layout.ts'
import type { Repository } from '../../src/domain/oci/registry.ts'
import { createRegistry } from '../../src/domain/registry/registry.ts'
import { generateKeys, type KeyType, keyTypes } from '../../src/domain/sigstore/keys/generate.ts'
import { listen } from '../../src/io/server.ts'
import { execute, type Outcome, type Task } from '../../src/spec/execute.ts'
import type { Ports } from '../../src/spec/ports.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { writeIndex } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { type TestClient, testClient } from '../fakes/registry-client.ts'
import { startDockerRegistry } from './docker-registry.ts'
import { temporaryFolder } from './folder.ts'
import { type Ended, end } from './program.ts'

/** One that knows no referrers, so that the fallback tag is used, and one that does. */
export const registries = ['docker-registry, without a referrers API', 'the embedded registry'] as const
export type RegistryName = (typeof registries)[number]

export const cosigns = ['cosign', 'cosign2'] as const
export type Cosign = (typeof cosigns)[number]

/** An index with two platforms, in a repository. */
export interface PushedIndex {
  /** registry/repository */
  readonly name: string
  readonly repository: Repository
  readonly index: Digest
  /** The first of its platforms. */
  readonly child: Digest
}

export interface SigningScene extends AsyncDisposable {
  /** The workspace of what runs: here are TYPE.key and TYPE.pub of every key type. */
  readonly folder: string
  readonly password: string
  readonly client: TestClient
  push(registry: RegistryName, path: string): Promise<PushedIndex>
  /** cosign with --allow-http-registry, the password of the keys, and a home of its own. */
  cosign(program: Cosign, command: string, ...rest: string[]): Promise<Ended>
  /** As cosign sees it: with COSIGN_PASSWORD, and what a test adds. */
  readonly environment: Record<string, string | undefined>
  /** Runs one of our tasks. */
  run(task: Task, inputs: Readonly<Record<string, string>>, given?: Partial<Ports>): Promise<Outcome>
}

/** Starts the registries and makes the keys; `name` is for the folder. */
export async function openSigningScene(name: string, password = 'päss word'): Promise<SigningScene> {
  await using stack = new AsyncDisposableStack()
  const folder = stack.use(temporaryFolder(name)).path
  const client = stack.use(testClient())
  const plain = stack.use(await startDockerRegistry(folder)).address
  const embedded = await listen(await createRegistry({ root: join(folder, 'embedded'), log: client.ports.log }))
  stack.defer(() => embedded.close())
  for (const type of keyTypes) writeKeys(folder, type, password)
  const environment = { ...process.env, COSIGN_PASSWORD: password, HOME: folder }
  const started = stack.move()
  return {
    ...{ folder, password, client, environment },
    push: (registry, path) =>
      pushIndex(client.connect(registry === 'the embedded registry' ? embedded.address : plain).repository(path), folder),
    cosign: (program, command, ...rest) => end([program, command, '--allow-http-registry', ...rest], { env: environment, cwd: folder }),
    run: (task, inputs, given) => run(task, inputs, { folder, client, password, given }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

/** What the lab's Sigstore published: `SIGSTORE_TRUSTED_ROOT`, `REKOR_URL`, … */
export function published(variable: string): string {
  const value = process.env[variable]
  if (value === undefined) throw new Error(`${variable} is not set: start the lab's sigstore`)
  return value
}

/** The identity of a workflow of GitHub, by the lab's issuer. */
export const workflowIdentity = 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main'

/** A token for {@link workflowIdentity}, or with other claims. */
export async function workflowToken(claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const body = JSON.stringify({ repository: 'acme/app', ref: 'refs/heads/main', ...claims })
  const response = await fetch(`${published('OIDC_GITHUB_ISSUER')}/token`, { method: 'POST', body })
  if (!response.ok) throw new Error(`the issuer answered ${response.status}: ${await response.text()}`)
  return (await response.text()).trim()
}

/** Before trusted roots, cosign took each key from a file of its own: the variables that name them. */
export function trustInFiles(folder: string): Readonly<Record<string, string>> {
  const root = JSON.parse(readFileSync(published('SIGSTORE_TRUSTED_ROOT'), 'utf8'))
  const put = (name: string, label: string, ...bodies: string[]): string => {
    const text = bodies.map((body) => `-----BEGIN ${label}-----\n${body.match(/.{1,64}/g)?.join('\n')}\n-----END ${label}-----\n`)
    writeFileSync(join(folder, name), text.join(''))
    return join(folder, name)
  }
  const certificates = root.certificateAuthorities[0].certChain.certificates.map((each: { rawBytes: string }) => each.rawBytes)
  const log = root.tlogs.find((each: { publicKey: { keyDetails: string } }) => each.publicKey.keyDetails === 'PKIX_ECDSA_P256_SHA_256')
  return {
    SIGSTORE_ROOT_FILE: put('root.pem', 'CERTIFICATE', ...certificates.reverse()),
    SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: put('ct.pub', 'PUBLIC KEY', root.ctlogs[0].publicKey.rawBytes),
    SIGSTORE_REKOR_PUBLIC_KEY: put('rekor.pub', 'PUBLIC KEY', log.publicKey.rawBytes),
  }
}

function writeKeys(folder: string, type: KeyType, password: string): void {
  const pair = generateKeys(type, password)
  writeFileSync(join(folder, `${type}.key`), pair.privateKey)
  writeFileSync(join(folder, `${type}.pub`), pair.publicKey)
}

async function pushIndex(repository: Repository, folder: string): Promise<PushedIndex> {
  const layout = await createLayout(join(folder, 'layout'))
  const { descriptor, content } = await writeIndex(layout)
  await copyFromLayout(layout, descriptor.digest, repository)
  const child = content.kind === 'index' ? content.index.manifests[0] : undefined
  if (child === undefined) throw new Error('an index has children')
  return { name: repository.name, repository, index: descriptor.digest, child: child.digest }
}

function run(
  task: Task,
  inputs: Readonly<Record<string, string>>,
  options: Pick<SigningScene, 'folder' | 'client' | 'password'> & { readonly given?: Partial<Ports> | undefined },
): Promise<Outcome> {
  const { folder, client, password, given } = options
  const { ports } = fakePorts({
    files: { workspace: folder, state: join(folder, '.slipway'), temporary: () => Promise.resolve(folder) },
    environment: { COSIGN_PASSWORD: password },
    http: client.ports.http,
    ...given,
  })
  return execute(task, { inputs: new Map(Object.entries(inputs)), record: emptyRecord, ports })
}
