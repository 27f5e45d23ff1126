import { type Input, Misfit, type Options } from '../../spec/kind.ts'
import { scalarKind } from '../../spec/parse.ts'

/** A percentage from 0 to 100, decimals allowed, with or without its sign. */
export function percent<const A extends Options<number>>(options: A): Input<number, A> {
  const expected = 'a percentage from 0 to 100'
  const read = (given: string): number => {
    const value = Number(given.replace(/\s*%$/, ''))
    if (!/^\d/.test(given) || !Number.isFinite(value) || value > 100) throw new Misfit(`is not ${expected}`)
    return value
  }
  const kind = scalarKind('string', expected, read, String)
  return { kind: { ...kind, schema: { type: ['number', 'string'], minimum: 0, maximum: 100 } }, options }
}
