import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

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
 * Writes a Node application with dependencies: sizes spread as in node_modules, most of the bytes text, the
 * rest like compiled code and like pictures; about 3:1 by gzip -6 in all. The same bytes each time.
 */
export function writeCorpus(folder: string, { files, bytes, seed = 42 }: Corpus): void {
  const random = generator(seed)
  const sizes = spread(files - 3, bytes, random)
  const write = (path: string, content: Uint8Array | string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  write('package.json', '{"name":"app","version":"1.0.0","main":"src/server.js"}\n')
  write(changedFile, sourceOf(20_000, random))
  write('src/index.js', sourceOf(5_000, random))
  sizes.forEach((size, index) => {
    const path = `node_modules/package-${Math.floor(index / 35)}/lib/${index % 7}/file-${index}`
    const kind = random() % 100
    if (kind < 82) write(`${path}.js`, sourceOf(size, random))
    else if (kind < 92) write(`${path}.node`, compiled(size, random))
    else write(`${path}.png`, noise(size, random))
  })
}

/** Of xorshift32: small and the same on every machine. */
type Random = () => number

function generator(seed: number): Random {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state >>> 0
  }
}

/** Sizes whose sum is about `bytes`, each some power of two of the mean: many small ones, few large ones. */
function spread(count: number, bytes: number, random: Random): number[] {
  const weights = Array.from({ length: count }, () => 2 ** (random() % 7))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight) => Math.max(1, Math.round((weight / sum) * bytes)))
}

const words = Array.from(
  { length: 1500 },
  (_, index) => `${['get', 'set', 'on', 'is', 'to', 'with'][index % 6]}${(index * 7919).toString(36)}`,
)

/** Code repeats itself: three lines in four come from a stock, the rest are new. */
function sourceOf(size: number, random: Random): Buffer {
  const text = Buffer.alloc(size, 32)
  const stock = Array.from({ length: 40 }, () => lineOf(random))
  for (let at = 0; at < size; ) at += text.write(random() % 4 > 0 ? (stock[random() % 40] ?? '') : lineOf(random), at, 'latin1') || size
  return text
}

function lineOf(random: Random): string {
  const terms = Array.from({ length: 2 + (random() % 6) }, () => words[((random() % 39) * (random() % 39)) % words.length])
  return `${'  '.repeat(random() % 4)}${terms.join(' ')};\n`
}

function compiled(size: number, random: Random): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(random() % 3 === 0 ? random() : random() % 512, at)
  return bytes
}

function noise(size: number, random: Random): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE(random(), at)
  return bytes
}
