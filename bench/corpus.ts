import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generator, type Random } from './random.ts'

export interface Corpus {
  readonly name: string
  readonly files: number
  /** Of all files together. */
  readonly bytes: number
  /** Another one gives other content. Default 42. */
  readonly seed?: number
}

export const corpora = [
  { name: 'app', files: 2_800, bytes: 320e6 },
  { name: 'small', files: 20_000, bytes: 1000e6 },
] as const satisfies readonly Corpus[]

/** Below the folder of a corpus: the file that the one-line change is made to. */
export const changedFile = 'src/server.js'

/**
 * Writes a Node application with dependencies: sizes spread as in node_modules; its code is cut from that of this repository's
 * own dependencies, its native modules from Node's program, and a few files are like pictures. The same bytes each time.
 */
export function writeCorpus(folder: string, { files, bytes, seed = 42 }: Corpus): void {
  const random = generator(seed)
  const [code, program] = [codePool(), readFileSync(process.execPath)]
  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  const packages = Math.ceil((files - 3) / 36)
  const sizes = spread(files - 3 - packages, bytes, random)
  const entry = { name: 'app', version: '1.0.0', main: changedFile, dependencies: dependencies(packages) }
  write('package.json', JSON.stringify(entry))
  write('package-lock.json', JSON.stringify(lockFile(entry, packages)))
  write(changedFile, cutFrom(code, 20_000, random))
  for (let index = 0; index < packages; index++)
    write(`node_modules/package-${index}/package.json`, JSON.stringify({ name: `package-${index}`, version: '1.0.0' }))
  sizes.forEach((size, index) => {
    const path = `node_modules/package-${index % packages}/lib/${index % 7}/file-${index}`
    const kind = random() % 100
    if (kind < 87) write(`${path}.js`, cutFrom(code, size, random))
    else if (kind < 97) write(`${path}.node`, cutFrom(program, size, random))
    else write(`${path}.png`, noise(size, random))
  })
}

function dependencies(packages: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: packages }, (_, index) => [`package-${index}`, '1.0.0']))
}

function lockFile(entry: object, packages: number): unknown {
  const installed = Array.from({ length: packages }, (_, index) => [`node_modules/package-${index}`, { version: '1.0.0' }])
  return { name: 'app', version: '1.0.0', lockfileVersion: 3, packages: { '': entry, ...Object.fromEntries(installed) } }
}

/** Code of the dependencies of this repository, the same wherever the lock file is. */
function codePool(): Buffer {
  const modules = join(dirname(import.meta.dirname), 'node_modules')
  const paths = globSync('{@babel,@vercel,@sinclair,caniuse-lite,jest*}/**/*.{js,json,d.ts}', { cwd: modules }).toSorted()
  return Buffer.concat(paths.map((path) => readFileSync(join(modules, path))))
}

/** Sizes whose sum is about `bytes`, each some power of two of the mean: many small ones, few large ones. */
function spread(count: number, bytes: number, random: Random): number[] {
  const weights = Array.from({ length: count }, () => 2 ** (random() % 7))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => Math.max(1, Math.round((weight / sum) * bytes)))
}

/** Slices of 4 to 36 KB, one after the other. */
function cutFrom(pool: Buffer, size: number, random: Random): Buffer {
  const slices: Buffer[] = []
  for (let left = size; left > 0; ) {
    const length = Math.min(left, 4096 + (random() % 32_768))
    const begin = random() % (pool.length - length)
    slices.push(pool.subarray(begin, begin + length))
    left -= length
  }
  return Buffer.concat(slices, size)
}

function noise(size: number, random: Random): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(random(), at)
  return bytes
}
