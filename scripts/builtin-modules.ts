import { replaceParts, type Span } from './replace-parts.ts'

/** What every run asks for at once, or calls so often that a step in between would cost more than its loading. */
const needed = /^(?:node:)?(?:buffer|crypto|events|fs|module|os|path|path\/posix|stream|string_decoder|timers\/promises|url|util|vm)$/

/**
 * Takes Node's own modules from Node itself: `createRequire` brings a loader that looks for files. Those that not every run uses are
 * loaded when something of them is. A class can extend what is in them, and nothing be replaced;
 * `import()` of one takes the names of all that is in it.
 */
export function builtinModules(code: string): Promise<string> {
  return replaceParts(code, callsIn, (call) => {
    const [, require, name] = /^(.*)\("([^"]+)"\)$/s.exec(call) ?? []
    if (name === undefined) throw new Error(`a module of Node is asked for in another way than webpack's: ${call}`)
    // Without it this is a Node before 20.16, which is to be told that it is too old.
    const load = `(process.getBuiltinModule??${require})("${name}")`
    return needed.test(name) ? load : `new Proxy({},{get:(_,name)=>${load}[name],ownKeys:()=>Reflect.ownKeys(${load})})`
  })
}

/** `createRequire(import.meta.url)("node:fs")` */
function callsIn(node: unknown): Span[] {
  if (Array.isArray(node)) return node.flatMap(callsIn)
  if (typeof node !== 'object' || node === null) return []
  const { type, callee, span } = node as { type?: unknown; callee?: Called; span?: Span }
  const isAsked =
    type === 'CallExpression' && callee?.type === 'CallExpression' && callee.arguments?.[0]?.expression?.object?.type === 'MetaProperty'
  if (isAsked && span !== undefined) return [span]
  return Object.values(node).flatMap(callsIn)
}

interface Called {
  readonly type?: unknown
  readonly arguments?: readonly { readonly expression?: { readonly object?: { readonly type?: unknown } } }[]
}
