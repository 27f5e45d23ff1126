import { createHash } from 'node:crypto'
import { basename, join, resolve } from 'node:path'
import { satisfies, valid } from 'semver'
import { type Digest, isDigest } from '../../../base/digest.ts'
import { messageOf } from '../../../base/errors.ts'
import { processNotFound } from '../../../io/errors.ts'
import { openRead, writeStream } from '../../../io/files.ts'
import type { Ports } from '../../../spec/ports.ts'
import { scannerFailed, scannerUnfit } from './errors.ts'
import { apart, type Call, type Scanner } from './scanner.ts'

/** Milliseconds that a program may take to say its version. */
const patience = 60_000

/** What a scan says of the program to use. */
export interface Wanted {
  /** A name on PATH, or a path. */
  readonly program: string
  /** Of the program's file. */
  readonly digest?: Digest | undefined
  /** Absolute: where its database is. */
  readonly cache?: string | undefined
}

/** A scanner that was looked at and may be used. */
export interface Program {
  readonly scanner: Scanner
  /** Absolute: where it was found. */
  readonly path: string
  /** Absolute: what is started. Of a pinned program a copy of ours, so that nobody can put another in its place after its digest was checked. */
  readonly start: string
  readonly digest: Digest
  readonly version: string
  readonly cache: string | undefined
  /** When its database was made, where it says so; RFC 3339. */
  readonly date?: string
}

/**
 * Finds the program, and checks its digest against the pinned one before it is started, and its version against those that are understood.
 * @throws SW-PROCESS-NOT-FOUND, SW-SCANNER-UNFIT, SW-SCANNER-FAILED
 */
export async function programOf(scanner: Scanner, { program, digest: pinned, cache }: Wanted, ports: Ports): Promise<Program> {
  const path = program.includes('/') ? resolve(ports.files.workspace, program) : await ports.process.find(program)
  if (path === undefined)
    throw processNotFound(`Cannot start ${JSON.stringify(program)}: not found in PATH.`, {
      hint: `${scanner.name}-program: PATH/TO/${scanner.name}`,
    })
  const { start, digest } = pinned === undefined ? { start: path, digest: await digestOf(openRead(path)) } : await copied(path, ports)
  if (pinned !== undefined && pinned !== digest)
    throw scannerUnfit(`${path} has the digest ${digest}, expected ${pinned}.`, { hint: `install the ${scanner.name} that was pinned` })
  const { version, date } = await askVersion(scanner, { path, start, call: scanner.version(cache) }, ports)
  if (valid(version) === null && pinned === undefined)
    throw scannerUnfit(`${path} says that its version is ${JSON.stringify(version)}, expected ${scanner.versions}.`, {
      hint: `${scanner.name}-digest: ${digest}`,
    })
  if (valid(version) !== null && !satisfies(version, scanner.versions))
    throw scannerUnfit(`${path} has the version ${version}, expected ${scanner.versions}.`)
  return { scanner, path, start, digest, version, cache, ...(date === undefined ? {} : { date }) }
}

/** A copy in a private folder, with the digest of the bytes that are in it. */
async function copied(path: string, { files }: Ports): Promise<{ readonly start: string; readonly digest: Digest }> {
  const start = join(await files.temporary('program'), basename(path))
  const { digest } = await writeStream(start, openRead(path), { mode: 0o500 })
  return { start, digest }
}

async function digestOf(pieces: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash('sha256')
  for await (const piece of pieces) hash.update(piece)
  const digest = `sha256:${hash.digest('hex')}`
  if (!isDigest(digest)) throw new Error(`no digest: ${digest}`)
  return digest
}

async function askVersion(
  { name, about }: Scanner,
  { path, start, call: { args, env } }: { readonly path: string; readonly start: string; readonly call: Call },
  { process, files }: Ports,
): Promise<ReturnType<Scanner['about']>> {
  const cwd = await files.temporary(name)
  const result = await process.run({ argv: [start, ...args], cwd, env: apart(env, cwd), timeout: patience })
  try {
    if (result.code === 0) return about(JSON.parse(result.stdout))
  } catch (cause) {
    throw scannerFailed(`${path} does not say its version as JSON: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
  const why = result.timedOut ? `did not answer within ${patience / 1000} s` : `ended with ${result.code ?? result.signal}`
  throw scannerFailed(`${path} ${why} when it was asked for its version.`)
}
