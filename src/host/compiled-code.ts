import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'

/** A script that ran, and of which nothing that V8 takes is kept. */
interface Fresh {
  readonly script: Script
  readonly path: string
  readonly key: Buffer
}

/** In bytes: of each of the two digests that what is kept begins with. */
const digestSize = 32

/** Folders of bundles that stay: those that kept something last. */
const mostBundles = 4

/** Where code is kept: a folder for each bundle, and in that one for each command. */
export interface KeptPlace {
  readonly bundles: string
  readonly bundle: string
  readonly command: string
}

/**
 * Runs scripts, and keeps what V8 has compiled of them by the end: with the functions that were called, which Node's own compile
 * cache leaves out. V8 executes what is kept as it is, and itself compares its version, its flags and the length of the source only.
 */
export class CompiledCode {
  readonly #place: KeptPlace | undefined
  readonly #fresh: Fresh[] = []

  /** Without a place nothing is kept. Whoever can write to it can change what is executed. */
  constructor(place: KeptPlace | undefined) {
    this.#place = place
  }

  /** What the last expression of a script is. */
  run(file: string): unknown {
    const source = readFileSync(file)
    if (this.#place === undefined) return new Script(source.toString(), { filename: file }).runInThisContext()
    const { bundles, bundle, command } = this.#place
    const path = join(bundles, bundle, command, basename(file))
    const key = digestOf(process.version, process.arch, source)
    const cachedData = kept(path, key)
    const script = new Script(source.toString(), { filename: file, ...(cachedData === undefined ? {} : { cachedData }) })
    if (cachedData === undefined || script.cachedDataRejected === true) this.#fresh.push({ script, path, key })
    return script.runInThisContext()
  }

  /** Keeps what was compiled; what cannot be kept is compiled again. */
  keep(): void {
    if (this.#fresh.length > 0 && this.#place !== undefined) dropOldest(this.#place)
    for (const { script, path, key } of this.#fresh.splice(0)) {
      // One name for all: what a killed process leaves there is written over. Two that write at once leave what nobody takes.
      const temporary = `${path}.new`
      try {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        const data = script.createCachedData()
        writeFileSync(temporary, Buffer.concat([key, digestOf(data), data]), { mode: 0o600 })
        renameSync(temporary, path)
      } catch {
        drop(temporary)
        return
      }
    }
  }
}

/** Of bundles that are there no more, and of what was kept before there were folders for each. */
function dropOldest({ bundles, bundle }: KeptPlace): void {
  try {
    const others = readdirSync(bundles).filter((name) => name !== bundle)
    const byAge = others
      .map((name) => ({ path: join(bundles, name), at: lstatSync(join(bundles, name)).mtimeMs }))
      .sort((a, b) => b.at - a.at)
    for (const { path } of byAge.slice(mostBundles - 1)) rmSync(path, { recursive: true, force: true })
    utimesSync(join(bundles, bundle), new Date(), new Date())
  } catch {
    // The next time that something is kept.
  }
}

/** Of a full disk, what is left of its last bytes is given back. */
function drop(temporary: string): void {
  try {
    rmSync(temporary, { force: true })
  } catch {
    // Nothing could be written there.
  }
}

/** What is kept of this source, whole. A crash of the machine may have left a part of it. */
function kept(path: string, key: Buffer): Buffer | undefined {
  try {
    const all = readFileSync(path)
    const data = all.subarray(2 * digestSize)
    const isOurs = key.equals(all.subarray(0, digestSize)) && digestOf(data).equals(all.subarray(digestSize, 2 * digestSize))
    return isOurs ? data : undefined
  } catch {
    return undefined
  }
}

function digestOf(...parts: readonly (string | Buffer)[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
