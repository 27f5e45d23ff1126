import { byItems, byNumber, type Order } from './order.ts'

const grammar = /^v?(\d+(?:\.\d+){0,3})(?:[._-]?(stable|beta|b|rc|alpha|a|patch|pl|p)(\d*(?:[.-]\d+)*))?([.-]?dev)?(?:\+\S*)?$/i
const stabilities = ['a', 'b', 'r', 's', 'p']

/** Versions of Composer packages as Composer itself normalises them; branches (`dev-main`) have no place in any order. */
export function comparePackagist(a: string, b: string): Order {
  const [left, right] = [grammar.exec(a.trim()), grammar.exec(b.trim())]
  if (left === null || right === null) return undefined
  const numbers = { fill: '0', order: byNumber }
  return (
    byItems(numbersOf(left[1]), numbersOf(right[1]), numbers) ||
    rank(left) - rank(right) ||
    byItems(numbersOf(left[3]), numbersOf(right[3]), numbers) ||
    Number(left[4] === undefined) - Number(right[4] === undefined)
  )
}

function numbersOf(text: string | undefined): readonly string[] {
  return text?.match(/\d+/g) ?? []
}

/** `1.0-dev` is what comes before all of 1.0. */
function rank([, , stability, , dev]: RegExpExecArray): number {
  if (stability === undefined) return dev === undefined ? stabilities.indexOf('s') : -1
  return stabilities.indexOf(stability[0]?.toLowerCase() ?? '')
}
