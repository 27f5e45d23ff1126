import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import type { CloudService } from './cloud.ts'

/** A key of a role, as metadata name it. */
export interface TufKey {
  readonly id: string
  readonly secret: KeyObject
  readonly entry: object
}

type Signed = Readonly<Record<string, unknown>>
type Role = 'root' | 'timestamp' | 'snapshot' | 'targets'

interface Delegation {
  readonly name: string
  readonly paths: readonly string[]
  readonly terminating: boolean
  readonly targets: Readonly<Record<string, string>>
  readonly delegations?: readonly Delegation[]
}

/** What a state of the repository holds; what is absent stays as it was. */
export interface Change {
  readonly targets?: Readonly<Record<string, string>>
  readonly delegations?: readonly Delegation[]
  /** Milliseconds since 1970. */
  readonly expires?: number
  readonly consistent?: boolean
}

/** A TUF repository with keys of its own, written without the library that reads it: its files can be set to anything. */
export interface TufRepositoryFake {
  /** By path: `timestamp.json`, `targets/….file`. */
  readonly files: Map<string, string>
  readonly keys: Record<Role, TufKey[]>
  /** The first root. */
  readonly root: Buffer
  /** Writes the next state. */
  publish(change?: Change): void
  /** Writes the next root with the keys that stand in `keys` now, signed by those before too, unless told by whom. */
  rotate(signers?: readonly TufKey[]): void
  /** Metadata signed by whom one likes. */
  seal(signed: Signed, by: readonly TufKey[]): string
  readonly service: CloudService
}

/** JSON as it is signed (TUF specification, §4.2): no spaces, keys in order. Nothing here needs an escape. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, one]) => one !== undefined)
  return `{${entries
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`)
    .join(',')}}`
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A key pair of Ed25519. */
export function tufKey(): TufKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
  const entry = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } }
  return { id: hashOf(canonical(entry)), secret: privateKey, entry }
}

/** A repository served at an origin, in its first state. The root needs two of its three keys, any other role one. */
export function tufRepository(origin: string, first: Change & { readonly expires: number }): TufRepositoryFake {
  const files = new Map<string, string>()
  const keys: Record<Role, TufKey[]> = {
    root: [tufKey(), tufKey(), tufKey()],
    timestamp: [tufKey()],
    snapshot: [tufKey()],
    targets: [tufKey()],
  }
  const delegated = new Map<string, TufKey>()
  const state = {
    root: 0,
    version: 0,
    before: [] as readonly TufKey[],
    targets: {},
    delegations: [] as readonly Delegation[],
    consistent: true,
    ...first,
  }

  const common = (type: string, version: number): Signed => ({
    ...{ _type: type, spec_version: '1.0.31', version },
    expires: new Date(state.expires).toISOString().replace(/\.\d+Z$/, 'Z'),
  })
  const seal = (signed: Signed, by: readonly TufKey[]): string =>
    JSON.stringify({
      signed,
      signatures: by.map(({ id, secret }) => ({ keyid: id, sig: sign(null, Buffer.from(canonical(signed)), secret).toString('hex') })),
    })
  const fileOf = (text: string): object => ({ version: state.version, length: text.length, hashes: { sha256: hashOf(text) } })

  const rotate = (signers?: readonly TufKey[]): void => {
    state.root += 1
    const roles = Object.fromEntries(
      Object.entries(keys).map(([role, own]) => [role, { keyids: own.map(({ id }) => id), threshold: role === 'root' ? 2 : 1 }]),
    )
    const all = Object.fromEntries(
      Object.values(keys)
        .flat()
        .map(({ id, entry }) => [id, entry]),
    )
    const signed = { ...common('root', state.root), consistent_snapshot: state.consistent, keys: all, roles }
    files.set(`${state.root}.root.json`, seal(signed, signers ?? [...new Set([...state.before, ...keys.root])]))
    state.before = [...keys.root]
  }

  const targetsMetadata = (targets: Readonly<Record<string, string>>, delegations: readonly Delegation[]): Signed => {
    for (const [path, text] of Object.entries(targets)) {
      const cut = path.lastIndexOf('/') + 1
      files.set(`targets/${state.consistent ? `${path.slice(0, cut)}${hashOf(text)}.${path.slice(cut)}` : path}`, text)
    }
    const keyOf = (name: string): TufKey => delegated.get(name) ?? delegated.set(name, tufKey()).get(name) ?? tufKey()
    return {
      ...common('targets', state.version),
      targets: Object.fromEntries(
        Object.entries(targets).map(([path, text]) => [path, { length: text.length, hashes: { sha256: hashOf(text) } }]),
      ),
      ...(delegations.length === 0
        ? {}
        : {
            delegations: {
              keys: Object.fromEntries(delegations.map(({ name }) => [keyOf(name).id, keyOf(name).entry])),
              roles: delegations.map(({ name, paths, terminating }) => ({
                name,
                paths,
                terminating,
                keyids: [keyOf(name).id],
                threshold: 1,
              })),
            },
          }),
    }
  }

  const write = (role: string, text: string): object => {
    files.set(state.consistent ? `${state.version}.${role}.json` : `${role}.json`, text)
    return fileOf(text)
  }

  const publish = ({ ...change }: Change = {}): void => {
    Object.assign(state, change)
    state.version += 1
    const meta: Record<string, object> = {}
    const writeAll = (delegations: readonly Delegation[]): void => {
      for (const one of delegations) {
        const signed = targetsMetadata(one.targets, one.delegations ?? [])
        writeAll(one.delegations ?? [])
        meta[`${one.name}.json`] ??= write(one.name, seal(signed, [delegated.get(one.name) ?? tufKey()]))
      }
    }
    const top = targetsMetadata(state.targets, state.delegations)
    writeAll(state.delegations)
    meta['targets.json'] = write('targets', seal(top, keys.targets))
    const snapshot = write('snapshot', seal({ ...common('snapshot', state.version), meta }, keys.snapshot))
    files.set('timestamp.json', seal({ ...common('timestamp', state.version), meta: { 'snapshot.json': snapshot } }, keys.timestamp))
  }

  rotate()
  publish()
  return {
    ...{ files, keys, publish, rotate, seal },
    root: Buffer.from(files.get('1.root.json') ?? ''),
    service: ({ url }) => {
      if (url.origin !== origin) return undefined
      const found = files.get(decodeURIComponent(url.pathname.slice(1)))
      return found === undefined ? { status: 404, body: 'not here' } : { status: 200, body: found }
    },
  }
}
