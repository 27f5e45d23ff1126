import { byNumber, byText, type Order } from './order.ts'

type Item = { readonly number: string } | { readonly word: string } | List
type List = Item[]
const words = ['alpha', 'beta', 'milestone', 'rc', 'snapshot', '', 'sp']
const aliases = new Map([
  ['ga', ''],
  ['final', ''],
  ['release', ''],
  ['cr', 'rc'],
])
const short = new Map([
  ['a', 'alpha'],
  ['b', 'beta'],
  ['m', 'milestone'],
])

/** Versions of Maven artifacts (maven.apache.org, "Version Order Specification"): every text has a place. */
export function compareMaven(a: string, b: string): Order {
  return a.trim() === '' || b.trim() === '' ? undefined : byLists(parsed(a), parsed(b))
}

/** A hyphen, and the change between digits and letters, begins a list within the list. */
function parsed(version: string): List {
  const root: List = []
  const lists = [root]
  let text = ''
  const add = (isBeforeDigit = false): void => {
    lists.at(-1)?.push(/^\d*$/.test(text) ? { number: text } : { word: wordOf(text, isBeforeDigit) })
    text = ''
  }
  const open = (): void => {
    const inner: List = []
    lists.at(-1)?.push(inner)
    lists.push(inner)
  }
  const openIfBegun = (): void => {
    if (lists.at(-1)?.length !== 0) open()
  }
  for (const character of version.trim().toLowerCase()) {
    const isDigit = /\d/.test(character)
    if (character === '.' || character === '-') {
      add()
      if (character === '-') open()
    } else {
      if (text !== '' && isDigit !== /^\d/.test(text)) {
        if (isDigit) openIfBegun()
        add(isDigit)
        open()
      }
      text += character
    }
  }
  if (/^\D/.test(text)) openIfBegun()
  if (text !== '') add()
  for (const each of lists.toReversed()) trim(each)
  return root
}

function wordOf(text: string, isBeforeDigit: boolean): string {
  return (isBeforeDigit ? short.get(text) : undefined) ?? aliases.get(text) ?? text
}

/** Zeros and empty words at the end say nothing, also before a list. */
function trim(list: List): void {
  for (let at = list.length - 1; at >= 0; at -= 1) {
    const item = list[at]
    if (item === undefined) return
    if (isNothing(item)) list.splice(at, 1)
    else if (!Array.isArray(item)) return
  }
}

function isNothing(item: Item): boolean {
  if (Array.isArray(item)) return item.length === 0
  return 'number' in item ? /^0*$/.test(item.number) : item.word === ''
}

function byLists(a: List, b: List): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [left, right] = [a[at], b[at]]
    const decided =
      left === undefined ? (right === undefined ? 0 : -byNothing(right)) : right === undefined ? byNothing(left) : byItem(left, right)
    if (decided !== 0) return decided
  }
  return 0
}

function byNothing(item: Item): number {
  if (Array.isArray(item)) return item.map(byNothing).find((decided) => decided !== 0) ?? 0
  return 'number' in item ? byNumber(item.number, '') : byWord(item.word, '')
}

/** A word before a list before a number, where they meet. */
function byItem(a: Item, b: Item): number {
  const decided = kindOf(a) - kindOf(b)
  if (decided !== 0) return decided
  if (Array.isArray(a)) return Array.isArray(b) ? byLists(a, b) : 0
  if ('number' in a) return 'number' in b ? byNumber(a.number, b.number) : 0
  return !Array.isArray(b) && 'word' in b ? byWord(a.word, b.word) : 0
}

function kindOf(item: Item): number {
  if (Array.isArray(item)) return 1
  return 'number' in item ? 2 : 0
}

function byWord(a: string, b: string): number {
  const [left, right] = [words.indexOf(a), words.indexOf(b)]
  if (left < 0 && right < 0) return byText(a, b)
  return (left < 0 ? words.length : left) - (right < 0 ? words.length : right)
}
