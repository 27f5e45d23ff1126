// Compiles assembly/deflate to WebAssembly, into a source file: the bundle needs no further file, and tests no build.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const root = dirname(import.meta.dirname)

/** Where {@link programSource} belongs. */
export const programFile = join(root, 'src', 'io', 'deflate', 'program.ts')

/** What the sources in assembly/deflate give. */
export function programSource(): string {
  const out = join(root, '.cache', 'deflate.wasm')
  mkdirSync(dirname(out), { recursive: true })
  const memory = ['--importMemory', '--sharedMemory', '--initialMemory', '8', '--maximumMemory', '128', '--enable', 'threads,bulk-memory']
  const argv = ['node_modules/assemblyscript/bin/asc.js', 'assembly/deflate/index.ts', '-O3', '--noAssert', '--runtime', 'stub']
  const { status, stderr } = spawnSync(process.execPath, [...argv, ...memory, '--outFile', out], { cwd: root, encoding: 'utf8' })
  if (status !== 0) throw new Error(`assemblyscript ended with ${status}\n${stderr}`)
  const lines = readFileSync(out, 'base64').match(/.{1,130}/g) ?? []
  return [
    '// Generated from assembly/deflate by `npm run build`.',
    '/** The program as WebAssembly, in Base64. */',
    `export const program = [\n${lines.map((line) => `  '${line}',\n`).join('')}].join('')`,
    '',
  ].join('\n')
}
