import type { Asked, Headers, Reply } from './exchange.ts'
import { Refusal } from './refusal.ts'

/** A file, or the part of it that a `Range` header asks for (RFC 9110 §14). Throws 416. */
export function contentReply(
  { headers: { range: asked } }: Asked,
  { path, size, headers }: { path: string; size: number; headers: Headers },
): Reply {
  const range = rangeOf(asked, size)
  const all = { ...headers, 'accept-ranges': 'bytes' }
  if (range === undefined) return { status: 200, headers: all, body: { path, start: 0, end: size } }
  const { start, end } = range
  return { status: 206, headers: { ...all, 'content-range': `bytes ${start}-${end - 1}/${size}` }, body: { path, start, end } }
}

/** One range; several, or a unit that is not bytes, are ignored as the RFC allows. */
function rangeOf(header: string | undefined, size: number): { start: number; end: number } | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size : Math.min(Number(last) + 1, size)
  if (start < end) return { start, end }
  throw new Refusal(416, 'SIZE_INVALID', `the content has ${size} bytes`, { 'content-range': `bytes */${size}` })
}
