import { Metadata, MetadataKind, type Root, type Snapshot, type Targets, type Timestamp } from '@tufjs/models'
import { messageOf } from '../../../../base/errors.ts'
import { reasonOf } from '../../verify/reasons.ts'
import { parseStrictJson } from '../../verify/strict-json.ts'
import { tufRefused } from './errors.ts'

/** In bytes, the most of each kind of file (TUF specification, §5: each download has a limit). The public repository has 3 to 50 kB. */
export const mostBytes = { root: 512_000, timestamp: 16_384, snapshot: 2_000_000, targets: 5_000_000 } as const

export type RoleKind = keyof typeof mostBytes

/** The one place where the library reads a root; `where` names the file. Throws SW-TUF-REFUSED. */
export function readRoot(bytes: Uint8Array, where: string): Metadata<Root> {
  return read(bytes, { where, limit: mostBytes.root }, (value) => Metadata.fromJSON(MetadataKind.Root, value))
}

/** As {@link readRoot}. */
export function readTimestamp(bytes: Uint8Array, where: string): Metadata<Timestamp> {
  return read(bytes, { where, limit: mostBytes.timestamp }, (value) => Metadata.fromJSON(MetadataKind.Timestamp, value))
}

/** As {@link readRoot}. */
export function readSnapshot(bytes: Uint8Array, where: string): Metadata<Snapshot> {
  return read(bytes, { where, limit: mostBytes.snapshot }, (value) => Metadata.fromJSON(MetadataKind.Snapshot, value))
}

/** As {@link readRoot}. */
export function readTargets(bytes: Uint8Array, where: string): Metadata<Targets> {
  return read(bytes, { where, limit: mostBytes.targets }, (value) => Metadata.fromJSON(MetadataKind.Targets, value))
}

/** JSON as the library takes it. */
type Json = Parameters<typeof Metadata.fromJSON>[1]

function read<T extends { readonly signed: { readonly version: number } }>(
  bytes: Uint8Array,
  { where, limit }: { readonly where: string; readonly limit: number },
  parse: (value: Json) => T,
): T {
  if (bytes.length > limit) throw tufRefused(`${where} has ${bytes.length} bytes, expected at most ${limit}.`)
  const metadata = parsed(bytes, where, parse)
  const { version } = metadata.signed
  if (!Number.isSafeInteger(version) || version < 1)
    throw tufRefused(`${where} has the version ${version}, expected a whole number from 1.`)
  return metadata
}

function parsed<T>(bytes: Uint8Array, where: string, parse: (value: Json) => T): T {
  try {
    const value = parseStrictJson(bytes)
    if (!isJson(value)) throw new Error('it is no JSON object')
    return parse(value)
  } catch (cause) {
    const { code, got } = reasonOf(cause)
    throw tufRefused(`${where} is no metadata of a TUF repository: ${code === 'unreadable' ? messageOf(cause) : `${code} ${got ?? ''}`}.`, {
      cause,
    })
  }
}

/** All that was parsed of JSON is JSON; an object with a prototype of its own making is not for the library. */
function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !Object.hasOwn(value, '__proto__')
}
