import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CompiledCode } from '../host/compiled-code.ts'

/** Of webpack, in whose bundle alone they are there (webpack.js.org, Module Variables). */
declare const __webpack_modules__: Record<string, unknown>
declare let __webpack_chunk_load__: (chunk: number) => Promise<void>

/** A file of the bundle that is loaded when it is needed, as scripts/build.ts writes it. */
type Chunk = (url: string, require: typeof createRequire) => Record<string, unknown>

/** Loads the bundle's chunks from now on; the sources, where they run as they are, have none. */
export function loadChunksWith(code: CompiledCode): void {
  if (typeof __webpack_modules__ === 'undefined') return
  const { url } = import.meta
  const folder = dirname(fileURLToPath(url))
  const loaded = new Set<number>()
  __webpack_chunk_load__ = async (chunk) => {
    if (loaded.has(chunk)) return
    const modules = code.run(join(folder, `${chunk}.index.js`)) as Chunk
    Object.assign(__webpack_modules__, modules(url, createRequire))
    loaded.add(chunk)
  }
}
