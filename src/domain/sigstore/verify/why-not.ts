import type { Judgement } from './judge.ts'
import { reasons } from './reasons.ts'

/** What is missing first, and why, in one sentence without its end. */
export function whyNot(judgements: readonly Judgement[]): string {
  const [missing] = judgements.flatMap(({ demands }) => demands.filter(({ met }) => !met))
  const [reason, ...more] = missing?.reasons ?? []
  if (missing === undefined || reason === undefined) return `${missing?.what ?? 'signature'}: nothing of the kind is attached`
  const { code, expected, got } = reason
  const seen = [...(expected === undefined ? [] : [`expected ${expected}`]), ...(got === undefined ? [] : [`got ${got}`])]
  const others = more.length === 0 ? '' : `; and ${more.length} more`
  return `${missing.what}: ${code}, ${reasons[code]}${seen.length === 0 ? '' : ` (${seen.join(', ')})`}${others}`
}
