import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException } from 'js-yaml'
import { gitopsFile } from './errors.ts'

/** How a scalar is written; a block is `|` or `>`. */
export type Style = 'plain' | 'single' | 'double' | 'block'

/** A value of a YAML or JSON file, with the places where it stands: offsets into the text. */
export type Node = Scalar | MapNode | ListNode | Alias

export interface Scalar {
  readonly kind: 'scalar'
  readonly style: Style
  /** As read: without quotes and escapes. */
  readonly text: string
  /** Of its letters, without quotes; both undefined where nothing stands. */
  readonly start: number | undefined
  readonly end: number | undefined
}

export interface MapNode {
  readonly kind: 'map'
  readonly isFlow: boolean
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: Scalar
  readonly value: Node
}

/** A value in its place: an item of a list has no key. */
export type Slot = Pick<Entry, 'value'> & Partial<Pick<Entry, 'key'>>

export interface ListNode {
  readonly kind: 'list'
  readonly items: readonly Node[]
}

/** A value that stands elsewhere, under an anchor. */
export interface Alias {
  readonly kind: 'alias'
  readonly name: string
}

const limits = { bytes: 4 * 2 ** 20, depth: 100, nodes: 500_000 }
const styles = new Map<number, Style>([
  [SCALAR_STYLE.PLAIN, 'plain'],
  [SCALAR_STYLE.SINGLE_QUOTED, 'single'],
  [SCALAR_STYLE.DOUBLE_QUOTED, 'double'],
])

/** The documents of a YAML file; JSON is YAML in this. `where` names the file. @throws SW-GITOPS-FILE */
export function parseTree(source: string, where: string): readonly Node[] {
  if (source.length > limits.bytes) throw gitopsFile(`${where} has ${source.length} letters, expected at most ${limits.bytes}.`)
  const events = eventsOf(source, where)
  if (events.length > limits.nodes) throw gitopsFile(`${where} has more than ${limits.nodes} values.`)
  const reader = new Reader(source, { events, where })
  const documents: Node[] = []
  while (reader.isMore()) documents.push(...reader.document())
  return documents
}

function eventsOf(source: string, where: string): readonly Event[] {
  try {
    return parseEvents(source, { maxDepth: limits.depth })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    throw gitopsFile(`${where}: line ${(error.mark?.line ?? 0) + 1}: ${error.reason}.`, { cause: error })
  }
}

/** The entry of a key. */
export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  return node?.kind === 'map' ? node.entries.find((entry) => entry.key.text === key) : undefined
}

/** The value of a key. */
export function valueAt(node: Node | undefined, key: string): Node | undefined {
  return entryOf(node, key)?.value
}

/** The text of a scalar under a key. */
export function textAt(node: Node | undefined, key: string): string | undefined {
  const value = valueAt(node, key)
  return value?.kind === 'scalar' ? value.text : undefined
}

/** Makes nodes of the parser's events, one after the other. */
class Reader {
  readonly #source: string
  readonly #events: readonly Event[]
  readonly #where: string
  #next = 0

  constructor(source: string, { events, where }: { readonly events: readonly Event[]; readonly where: string }) {
    this.#source = source
    this.#events = events
    this.#where = where
  }

  isMore(): boolean {
    return this.#next < this.#events.length
  }

  /** None where a document is empty. */
  document(): readonly Node[] {
    this.#take()
    const nodes: Node[] = []
    while (this.#peek().type !== EVENT_ID.POP) nodes.push(this.#node())
    this.#take()
    return nodes
  }

  #node(): Node {
    const event = this.#take()
    if (event.type === EVENT_ID.SCALAR) return this.#scalar(event)
    if (event.type === EVENT_ID.ALIAS) return { kind: 'alias', name: this.#source.slice(event.anchorStart, event.anchorEnd) }
    if (event.type === EVENT_ID.SEQUENCE) return { kind: 'list', items: this.#items() }
    if (event.type === EVENT_ID.MAPPING) return { kind: 'map', isFlow: event.style === COLLECTION_STYLE.FLOW, entries: this.#entries() }
    throw new Error(`an event of kind ${event.type} where a value was expected`)
  }

  #scalar(event: ScalarEvent): Scalar {
    const [start, end] = event.valueStart < 0 ? [undefined, undefined] : [event.valueStart, event.valueEnd]
    return { kind: 'scalar', style: styles.get(event.style) ?? 'block', text: getScalarValue(this.#source, event), start, end }
  }

  #items(): Node[] {
    const items: Node[] = []
    while (this.#peek().type !== EVENT_ID.POP) items.push(this.#node())
    this.#take()
    return items
  }

  #entries(): Entry[] {
    const entries: Entry[] = []
    const names = new Set<string>()
    while (this.#peek().type !== EVENT_ID.POP) {
      const key = this.#node()
      const value = this.#node()
      // What is no scalar can be no key that anybody names.
      if (key.kind !== 'scalar') continue
      if (names.has(key.text)) throw this.#twice(key)
      names.add(key.text)
      entries.push({ key, value })
    }
    this.#take()
    return entries
  }

  /** Of two entries with one key some readers take the first, some the last, some none. */
  #twice({ text, start }: Scalar): Error {
    const line = this.#source.slice(0, start ?? 0).split('\n').length
    return gitopsFile(`${this.#where}: line ${line}: the key ${text.slice(0, 100)} is there twice in one map.`)
  }

  #take(): Event {
    const event = this.#peek()
    this.#next += 1
    return event
  }

  #peek(): Event {
    const event = this.#events[this.#next]
    if (event === undefined) throw new Error('the events of a document end too early')
    return event
  }
}
