import type { Clock } from '../../../spec/ports.ts'
import type { Reply } from '../exchange.ts'
import { Interruption } from './interruption.ts'
import type { Rule } from './rule.ts'

export interface Disturbance {
  readonly rules: readonly Rule[]
  /** Of the whole, where it is known: rules without a place happen in its middle. */
  readonly length: number | undefined
  readonly clock: Clock
  readonly act: (rule: Rule) => Promise<Reply | undefined>
}

/** Passes bytes on, and lets each rule happen before its byte; one beyond the end happens at the end. */
export async function* disturbed(source: AsyncIterable<Buffer> | Iterable<Buffer>, disturbance: Disturbance): AsyncGenerator<Buffer> {
  const { rules, length, clock } = disturbance
  const places = rules.flatMap((rule) => (rule.action === 'slow' ? [] : [{ rule, at: rule.at ?? Math.floor((length ?? 2) / 2) }]))
  const slowest = Math.min(...rules.flatMap((rule) => (rule.action === 'slow' ? [rule.rate] : [])))
  const passed = happening(
    source,
    places.toSorted((a, b) => a.at - b.at),
    disturbance,
  )
  yield* Number.isFinite(slowest) ? slowed(passed, slowest, clock) : passed
}

async function* happening(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  places: { readonly rule: Rule; readonly at: number }[],
  { act }: Disturbance,
): AsyncGenerator<Buffer> {
  const happen = async (rule: Rule): Promise<void> => {
    const reply = await act(rule)
    if (reply !== undefined) throw new Interruption(reply)
  }
  let seen = 0
  for await (const whole of source) {
    let piece = whole
    for (let next = places[0]; next !== undefined && next.at < seen + piece.length; next = places[0]) {
      places.shift()
      const before = piece.subarray(0, next.at - seen)
      if (before.length > 0) yield before
      seen += before.length
      piece = piece.subarray(before.length)
      if (next.rule.action === 'corrupt') piece = flipped(piece)
      else await happen(next.rule)
    }
    seen += piece.length
    yield piece
  }
  for (const { rule } of places) await happen(rule)
}

function flipped(piece: Buffer): Buffer {
  const copy = Buffer.from(piece)
  copy[0] = (copy[0] ?? 0) ^ 1
  return copy
}

/** Tenths of a second at a time. */
async function* slowed(source: AsyncIterable<Buffer>, rate: number, clock: Clock): AsyncGenerator<Buffer> {
  const most = Math.max(1, Math.floor(rate / 10))
  for await (const piece of source) {
    for (let start = 0; start < piece.length; start += most) {
      const part = piece.subarray(start, start + most)
      await clock.sleep((part.length / rate) * 1000)
      yield part
    }
  }
}
