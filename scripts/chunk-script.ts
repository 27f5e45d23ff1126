import { replaceParts, type Span } from './replace-parts.ts'

const shape =
  /^(?:import\{createRequire as (\w+)\}from"module";)?export const id=[\de]+;export const ids=\[[\de,]+\];export const modules=(\{.*\});\n$/s

/**
 * A chunk of the bundle as a script, of which V8 can keep what it compiles: a function that gives its modules (src/cli/chunks.ts). A script
 * knows neither import.meta nor import(): the one is an argument, the other an error. Texts that programs of others are written from stay
 * as they are.
 */
export async function chunkScript(chunk: string): Promise<string> {
  const [, createRequire = 'createRequire', modules] = shape.exec(await replaceParts(chunk, metaUrlsIn, () => 'importMetaUrl')) ?? []
  if (modules === undefined) throw new Error(`a chunk is not as webpack makes them: ${chunk.slice(0, 80)}`)
  return `((importMetaUrl,${createRequire})=>{"use strict";return ${modules}})\n`
}

/** Where `import.meta.url` is code. Throws for what a script cannot have. */
function metaUrlsIn(node: unknown): Span[] {
  if (Array.isArray(node)) return node.flatMap(metaUrlsIn)
  if (typeof node !== 'object' || node === null) return []
  const { type, object, property, span } = node as {
    readonly type?: unknown
    readonly object?: { readonly type?: unknown }
    readonly property?: { readonly value?: unknown }
    readonly span?: Span
  }
  if (type === 'MemberExpression' && object?.type === 'MetaProperty' && property?.value === 'url' && span !== undefined) return [span]
  if (type === 'MetaProperty' || type === 'Import') throw new Error(`a chunk has a ${type} of its own, which a script cannot have`)
  return Object.values(node).flatMap(metaUrlsIn)
}
