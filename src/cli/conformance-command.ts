import { resolve } from 'node:path'
import type { Digest } from '../base/digest.ts'
import { bundleOf } from '../domain/sigstore/formats/envelope.ts'
import { type Instance, knownInstance } from '../domain/sigstore/instance/instance.ts'
import { readServices, readTrustedRoot } from '../domain/sigstore/instance/read-instance.ts'
import { loadPublicKey } from '../domain/sigstore/keys/key-reference.ts'
import { chooseServices, type Services } from '../domain/sigstore/services/signing-config.ts'
import { keylessSigner } from '../domain/sigstore/sign/keyless-signer.ts'
import { signFile } from '../domain/sigstore/sign/sign-file.ts'
import { proveFile, proveWritten } from '../domain/sigstore/verify/file-bundle.ts'
import { reasonOf, reasons } from '../domain/sigstore/verify/reasons.ts'
import { parseTrustRoot, type TrustRoot } from '../domain/sigstore/verify/trust-root.ts'
import { exists, readBytes, readText, writeAtomic } from '../io/files.ts'
import type { Ports } from '../spec/ports.ts'
import { fileUnproven, usage } from './errors.ts'
import { type Flag, parseFlags } from './flags.ts'
import { section } from './help.ts'

type Documented = Flag & { readonly summary: string }

const signFlags = [
  { name: 'staging', kind: 'switch', summary: 'The staging instance of Sigstore. Default: the public one' },
  { name: 'in-toto', kind: 'switch', summary: 'The file is an in-toto statement, to be signed in an envelope' },
  {
    name: 'identity-token',
    kind: 'value',
    summary: 'OIDC token for the audience sigstore. The protocol has it here, where others can see it',
  },
  { name: 'bundle', kind: 'value', summary: 'Where the bundle is written' },
  { name: 'trusted-root', kind: 'value', summary: 'Whom to trust: what was signed is verified with it before it is written' },
  { name: 'signing-config', kind: 'value', summary: 'Where to sign. Default: as the instance says' },
] as const satisfies readonly Documented[]

const verifyFlags = [
  { name: 'staging', kind: 'switch', summary: 'The staging instance of Sigstore. Default: the public one' },
  { name: 'bundle', kind: 'value', summary: 'The bundle' },
  { name: 'certificate-identity', kind: 'value', summary: 'Who must have signed' },
  { name: 'certificate-oidc-issuer', kind: 'value', summary: 'Who must vouch for that identity' },
  { name: 'key', kind: 'value', summary: 'The public key that must have signed, in place of an identity' },
  { name: 'trusted-root', kind: 'value', summary: 'Whom to trust; no socket is opened then. Default: as the instance says' },
] as const satisfies readonly Documented[]

/** In bytes: of a file or bundle that is read whole. */
const mostFile = 512 * 2 ** 20
const mostBundle = 64 * 2 ** 20
const mostConfig = 4 * 2 ** 20
/** Milliseconds that each service is asked again. */
const patience = 120_000

export interface Surrounding {
  /** Absolute. */
  readonly workingFolder: string
  readonly mask: (text: string) => void
  readonly print: (line: string) => void
  readonly ports: Pick<Ports, 'http' | 'clock' | 'log' | 'environment' | 'identity' | 'signal'>
}

/**
 * `slipway conformance sign-bundle` and `verify-bundle`: the protocol by which the conformance suite of Sigstore drives its clients
 * (sigstore-conformance, docs/cli_protocol.md). @throws SW-USAGE, SW-FILE-UNPROVEN, SW-TUF-…, SW-SIGSTORE-…, SW-FILE-…
 */
export async function conformanceCommand([what = '', ...argv]: readonly string[], surrounding: Surrounding): Promise<void> {
  if (what === 'sign-bundle') return signBundle(argv, surrounding)
  if (what === 'verify-bundle') return verifyBundle(argv, surrounding)
  throw usage(`slipway conformance takes sign-bundle or verify-bundle, not "${what}"`, { hint: 'slipway conformance --help' })
}

/** `slipway conformance --help` */
export function conformanceHelp(columns: number): string {
  const rows = (flags: readonly Documented[]) =>
    flags.map(({ name, kind, summary }) => [`--${name}${kind === 'switch' ? '' : ' <value>'}`, summary] as const)
  return [
    'slipway conformance: one file signed, or one bundle verified, as the conformance suite of Sigstore asks its clients. Exit code 0 or 1.',
    '',
    ...section('flags of sign-bundle', rows(signFlags), columns),
    ...section('flags of verify-bundle', rows(verifyFlags), columns),
    '',
    'example  slipway conformance sign-bundle --identity-token "$TOKEN" --bundle a.sigstore.json a.txt',
    'example  slipway conformance verify-bundle --bundle a.sigstore.json --key cosign.pub sha256:…',
    '',
  ].join('\n')
}

async function signBundle(argv: readonly string[], { workingFolder, mask, print, ports }: Surrounding): Promise<void> {
  const { value, has, operand } = read(argv, signFlags, 'sign-bundle')
  const token = required(value('identity-token'), '--identity-token')
  mask(token)
  const target = resolve(workingFolder, required(value('bundle'), '--bundle'))
  const bytes = await readBytes(resolve(workingFolder, required(operand, 'the file to sign')), mostFile)
  const config = value('signing-config')
  const services = await servicesOf(config === undefined ? undefined : resolve(workingFolder, config), has('staging'), ports)
  const options = {
    services,
    token: () => Promise.resolve(token),
    ports: { http: ports.http, now: () => ports.clock.now(), patience },
  }
  const bundle = has('in-toto') ? await signStatement(bytes, options) : await signFile(bytes, options)
  const trusted = value('trusted-root')
  if (trusted !== undefined) {
    const roots = [await rootOf(trusted, false, { workingFolder, ports })]
    await refusing(() => proveWritten(bundle, bytes, roots))
  }
  await writeAtomic(target, bundle, { mode: 0o644 })
  print(`bundle  ${target}`)
}

async function signStatement(payload: Buffer, options: Parameters<typeof keylessSigner>[0]): Promise<Buffer> {
  const signer = await keylessSigner(options)
  return bundleOf(payload, await signer.sign({ form: 'bundle', payload }))
}

async function verifyBundle(argv: readonly string[], { workingFolder, mask, print, ports }: Surrounding): Promise<void> {
  const { value, has, operand } = read(argv, verifyFlags, 'verify-bundle')
  const bundle = await readBytes(resolve(workingFolder, required(value('bundle'), '--bundle')), mostBundle)
  const by = await signerOf(
    { key: value('key'), identity: value('certificate-identity'), issuer: value('certificate-oidc-issuer') },
    async (key) => loadPublicKey(key, { ...ports, workspace: workingFolder, mask }),
  )
  const artifact = await artifactOf(required(operand, 'a file, or sha256:… of one'), workingFolder)
  const roots = [await rootOf(value('trusted-root'), has('staging'), { workingFolder, ports })]
  await refusing(() => proveFile(bundle, artifact, { roots, by }))
  print('verified')
}

async function refusing(prove: () => Promise<unknown>): Promise<void> {
  try {
    await prove()
  } catch (cause) {
    const { code, expected, got } = reasonOf(cause)
    const details = [expected === undefined ? [] : `expected ${expected}`, got === undefined ? [] : `got ${got}`].flat()
    throw fileUnproven(`${code}: ${[reasons[code], ...details].join('; ')}.`, { cause })
  }
}

async function signerOf<Key>(
  {
    key,
    identity,
    issuer,
  }: { readonly key: string | undefined; readonly identity: string | undefined; readonly issuer: string | undefined },
  load: (key: string) => Promise<Key>,
): Promise<Key | { readonly kind: 'identity'; readonly identity: string; readonly issuer: string }> {
  if (key === undefined) {
    return {
      kind: 'identity',
      identity: required(identity, '--certificate-identity, or --key'),
      issuer: required(issuer, '--certificate-oidc-issuer'),
    }
  }
  if (identity === undefined && issuer === undefined) return load(key)
  throw usage('--key and --certificate-identity are two ways to say who must have signed: give one')
}

/** What looks like a digest and is no file is one. */
async function artifactOf(operand: string, workingFolder: string): Promise<{ readonly bytes: Buffer } | { readonly digest: Digest }> {
  const path = resolve(workingFolder, operand)
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(operand) ?? []
  return hex !== undefined && !(await exists(path)) ? { digest: `sha256:${hex}` } : { bytes: await readBytes(path, mostFile) }
}

async function rootOf(
  given: string | undefined,
  isStaging: boolean,
  { workingFolder, ports }: Pick<Surrounding, 'workingFolder' | 'ports'>,
): Promise<TrustRoot> {
  if (given !== undefined) return parseTrustRoot(await readBytes(resolve(workingFolder, given), mostConfig), given)
  const instance = await instanceOf(isStaging)
  return parseTrustRoot(await readTrustedRoot(instance, { ...ports, offline: false }), instance.name)
}

async function servicesOf(path: string | undefined, isStaging: boolean, ports: Surrounding['ports']): Promise<Services> {
  if (path !== undefined) return chooseServices(await readText(path, mostConfig), { where: path, now: ports.clock.now() })
  return readServices(await instanceOf(isStaging), 1, { ...ports, offline: false })
}

function instanceOf(isStaging: boolean): Promise<Instance> {
  return knownInstance(isStaging ? 'staging' : 'public')
}

function read(argv: readonly string[], flags: readonly Documented[], command: string) {
  const { values, positionals } = parseFlags(argv, flags, { command: `slipway conformance ${command}`, positionals: 1 })
  return {
    value: (name: string): string | undefined => values.get(name)?.toString(),
    has: (name: string): boolean => values.get(name) === 'true',
    operand: positionals[0],
  }
}

function required(value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value
  throw usage(`${what} is missing`, { hint: 'slipway conformance --help' })
}
