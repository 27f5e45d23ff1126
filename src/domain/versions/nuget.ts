import { byItems, byNumber, byText, type Order } from './order.ts'

const grammar = /^\s*(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]*)?\s*$/

/** Versions of NuGet packages: semantic versions with a fourth number, where letter case does not count. */
export function compareNuget(a: string, b: string): Order {
  const [left, right] = [grammar.exec(a), grammar.exec(b)]
  if (left === null || right === null) return undefined
  const [release, other] = [left[1] ?? '', right[1] ?? '']
  return byItems(release.split('.'), other.split('.'), { fill: '0', order: byNumber }) || byPrerelease(left[2], right[2])
}

function byPrerelease(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined)
  return byItems<string | undefined>(a.toLowerCase().split('.'), b.toLowerCase().split('.'), { fill: undefined, order: byIdentifier })
}

function byIdentifier(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined)
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)]
  if (isNumber !== isOther) return isNumber ? -1 : 1
  return isNumber ? byNumber(a, b) : byText(a, b)
}
