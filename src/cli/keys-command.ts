import { resolve } from 'node:path'
import { suggest } from '../base/suggest.ts'
import { keyExists } from '../domain/sigstore/keys/errors.ts'
import { generateKeys, type KeyType, keyTypes } from '../domain/sigstore/keys/generate.ts'
import { type KeyPorts, loadSigningKey } from '../domain/sigstore/keys/key-reference.ts'
import { publicPem } from '../domain/sigstore/keys/public-pem.ts'
import { exists, removeTree, writeNew } from '../io/files.ts'
import { usage } from './errors.ts'
import { type Flag, type ParsedFlags, parseFlags } from './flags.ts'
import { section } from './help.ts'

const passwordVariable = 'COSIGN_PASSWORD'

const generateFlags = [
  { name: 'output', kind: 'value', term: 'prefix', summary: 'The files are <prefix>.key and <prefix>.pub. Default: cosign' },
  { name: 'type', kind: 'value', term: 'type', summary: `${keyTypes.join(', ')}. Default: p256, which every verifier takes` },
] as const satisfies readonly (Flag & { readonly term: string; readonly summary: string })[]

const publicFlags = [
  {
    name: 'key',
    kind: 'value',
    term: 'reference',
    summary: 'A file, a folder with cosign.key, env://COSIGN_PRIVATE_KEY, or a key service as in cosign (awskms://…). Default: cosign.key',
  },
] as const satisfies readonly (Flag & { readonly term: string; readonly summary: string })[]

export interface Surrounding {
  /** Absolute. */
  readonly workingFolder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly mask: (text: string) => void
  readonly print: (line: string) => void
  /** What key services are reached by. */
  readonly ports: Pick<KeyPorts, 'http' | 'clock' | 'identity' | 'signal'>
}

/** `slipway keys generate`, `slipway keys public`. @throws SW-USAGE, SW-KEY-EXISTS, SW-KEY-*, SW-KMS-*, SW-FILE-* */
export async function keysCommand([what = '', ...argv]: readonly string[], surrounding: Surrounding): Promise<void> {
  if (what === 'generate') return generate(argv, surrounding)
  if (what === 'public') return tellPublic(argv, surrounding)
  const meant = suggest(what, ['generate', 'public'])
  throw usage(`slipway keys takes generate or public, not "${what}"${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`, {
    hint: 'slipway keys --help',
  })
}

/** `slipway keys --help` */
export function keysHelp(columns: number): string {
  const rows = (flags: readonly { readonly name: string; readonly term: string; readonly summary: string }[]) =>
    flags.map(({ name, term, summary }) => [`--${name} <${term}>`, summary] as const)
  return [
    'slipway keys: key pairs in the files of cosign, which reads and writes the same.',
    '',
    ...section('flags of generate', rows(generateFlags), columns),
    ...section('flags of public', rows(publicFlags), columns),
    '',
    `The password comes from the variable ${passwordVariable}; set to nothing, it is the empty password.`,
    'example  COSIGN_PASSWORD=… slipway keys generate',
    'example  slipway keys public --key cosign.key > cosign.pub',
    'example  slipway keys public --key awskms:///alias/release > cosign.pub',
    '',
  ].join('\n')
}

async function generate(argv: readonly string[], { workingFolder, environment, mask, print }: Surrounding): Promise<void> {
  const { values } = parseFlags(argv, generateFlags, { command: 'slipway keys generate', positionals: 0 })
  const type = typeOf(textOf(values, 'type') ?? 'p256')
  const password = environment[passwordVariable]
  if (password === undefined) {
    throw usage(`${passwordVariable} is not set; the private key is closed with it, and the empty password must be asked for`, {
      hint: `${passwordVariable}=… slipway keys generate`,
    })
  }
  if (password !== '') mask(password)
  const prefix = resolve(workingFolder, textOf(values, 'output') ?? 'cosign')
  const files = { private: `${prefix}.key`, public: `${prefix}.pub` }
  for (const file of [files.private, files.public]) if (await exists(file)) throw taken(file)
  const pair = generateKeys(type, password)
  if (!(await writeNew(files.private, pair.privateKey, { mode: 0o600 }))) throw taken(files.private)
  if (!(await writeNew(files.public, pair.publicKey, { mode: 0o644 }))) {
    await removeTree(files.private)
    throw taken(files.public)
  }
  print(`private  ${files.private}`)
  print(`public   ${files.public}`)
}

async function tellPublic(argv: readonly string[], { workingFolder, environment, mask, print, ports }: Surrounding): Promise<void> {
  const { values } = parseFlags(argv, publicFlags, { command: 'slipway keys public', positionals: 0 })
  const reference = textOf(values, 'key') ?? 'cosign.key'
  const key = await loadSigningKey(reference, undefined, { ...ports, workspace: workingFolder, environment, mask })
  await key.close?.()
  print(publicPem(key.public.key).trimEnd())
}

function textOf(values: ParsedFlags['values'], name: string): string | undefined {
  return values.get(name)?.toString()
}

function typeOf(text: string): KeyType {
  const type = keyTypes.find((known) => known === text)
  if (type !== undefined) return type
  throw usage(`--type is "${text}", expected one of ${keyTypes.join(', ')}`)
}

function taken(file: string): Error {
  return keyExists(`${file} exists, and a key is never overwritten.`, { safe: 'nothing was written' })
}
