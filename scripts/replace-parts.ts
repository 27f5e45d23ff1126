import { parse } from '@swc/core'

/** Where a node of the syntax tree stands, in bytes. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Code with those parts replaced that `find` names in its syntax tree; none may overlap. */
export async function replaceParts(code: string, find: (body: unknown) => Span[], replace: (part: string) => string): Promise<string> {
  const { body, span } = await parse(code, { syntax: 'ecmascript', target: 'es2024' })
  const source = Buffer.from(code)
  const pieces: Uint8Array[] = []
  let at = 0
  for (const found of find(body).sort((a, b) => a.start - b.start)) {
    const [start, end] = [found.start - span.start, found.end - span.start]
    pieces.push(source.subarray(at, start), Buffer.from(replace(source.subarray(start, end).toString())))
    at = end
  }
  return Buffer.concat([...pieces, source.subarray(at)]).toString()
}
