import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, type ScalarEvent, YAMLException } from 'js-yaml'

/** A YAML value with its place. Scalars keep their letters: `1.10` stays `1.10`, whatever a number would make of it; plain is without quotes. */
export type Node =
  | { readonly kind: 'scalar'; readonly line: number; readonly text: string; readonly empty: boolean; readonly isPlain: boolean }
  | { readonly kind: 'list'; readonly line: number; readonly items: readonly Node[] }
  | { readonly kind: 'map'; readonly line: number; readonly entries: readonly Entry[] }

export interface Entry {
  readonly name: string
  readonly line: number
  readonly value: Node
}

/** Why a text is no YAML that we take, and where: lines count from 1. */
export interface YamlFault {
  readonly line: number
  readonly what: string
}

const limits = { depth: 20, nodes: 10_000 }

/**
 * Reads one document of at most so many values (default 10,000); undefined for an empty one. Tags, merge keys and aliases of
 * collections are refused; no key comes twice.
 */
export function parseYaml(text: string, mostNodes = limits.nodes): Node | undefined | YamlFault {
  try {
    return new Composer(text, parseEvents(text, { maxDepth: limits.depth }), mostNodes).document()
  } catch (error) {
    if (error instanceof Refused) return error.fault
    if (error instanceof YAMLException) return { line: (error.mark?.line ?? 0) + 1, what: error.reason }
    throw error
  }
}

export function isYamlFault(parsed: ReturnType<typeof parseYaml>): parsed is YamlFault {
  return parsed !== undefined && 'what' in parsed
}

class Refused extends Error {
  readonly fault: YamlFault

  constructor(fault: YamlFault) {
    super(fault.what)
    this.fault = fault
  }
}

/** Makes nodes of the parser's events, one after the other. */
class Composer {
  readonly #source: string
  readonly #events: readonly Event[]
  readonly #lineStarts: readonly number[]
  readonly #anchors = new Map<string, Node>()
  readonly #mostNodes: number
  #next = 0
  #nodes = 0

  constructor(source: string, events: readonly Event[], mostNodes: number) {
    this.#source = source
    this.#mostNodes = mostNodes
    this.#events = events
    this.#lineStarts = [0, ...Array.from(source.matchAll(/\n/g), ({ index }) => index + 1)]
  }

  document(): Node | undefined {
    if (this.#events.filter(({ type }) => type === EVENT_ID.DOCUMENT).length > 1) {
      throw new Refused({ line: 1, what: 'holds several documents, expected one' })
    }
    // An empty text has no document, an empty document no node.
    const [, first] = this.#events
    if (first === undefined || first.type === EVENT_ID.POP) return undefined
    this.#take()
    return this.#node()
  }

  #node(): Node {
    const event = this.#take()
    const line = this.#lineOf(event)
    this.#nodes += 1
    if (this.#nodes > this.#mostNodes) throw new Refused({ line, what: `holds more than ${this.#mostNodes} values` })
    if (event.type === EVENT_ID.ALIAS) return this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd), line)
    if ('tagStart' in event && event.tagStart >= 0) throw new Refused({ line, what: 'has a tag (!…), which has no meaning here' })
    const node = this.#content(event, line)
    if ('anchorStart' in event && event.anchorStart >= 0) {
      this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), node)
    }
    return node
  }

  #content(event: Event, line: number): Node {
    if (event.type === EVENT_ID.SCALAR) {
      const text = getScalarValue(this.#source, event)
      const isPlain = event.style === SCALAR_STYLE.PLAIN
      return { kind: 'scalar', line, text, isPlain, empty: isPlain && /^(?:~|null|Null|NULL)?$/.test(text) }
    }
    return event.type === EVENT_ID.SEQUENCE ? { kind: 'list', line, items: this.#items() } : { kind: 'map', line, entries: this.#entries() }
  }

  #items(): Node[] {
    const items: Node[] = []
    while (this.#peek().type !== EVENT_ID.POP) items.push(this.#node())
    this.#take()
    return items
  }

  #entries(): Entry[] {
    const entries = new Map<string, Entry>()
    while (this.#peek().type !== EVENT_ID.POP) {
      const { line, name } = this.#key()
      const twice = entries.get(name)
      if (twice !== undefined) throw new Refused({ line, what: `names "${name}" again, first on line ${twice.line}` })
      entries.set(name, { name, line, value: this.#node() })
    }
    this.#take()
    return [...entries.values()]
  }

  #key(): { line: number; name: string } {
    const node = this.#node()
    if (node.kind !== 'scalar') throw new Refused({ line: node.line, what: 'has a list or a map as the name of an entry' })
    if (node.text === '<<') throw new Refused({ line: node.line, what: 'has a merge key (<<), which has no meaning here' })
    return { line: node.line, name: node.text }
  }

  /** Only texts can be repeated: an alias of a collection can grow without limit. */
  #alias(name: string, line: number): Node {
    const node = this.#anchors.get(name)
    if (node === undefined) throw new Refused({ line, what: `repeats *${name}, which is not defined before` })
    if (node.kind !== 'scalar') throw new Refused({ line, what: `repeats *${name}, which is not a single value` })
    return { ...node, line }
  }

  #take(): Event {
    const event = this.#peek()
    this.#next += 1
    return event
  }

  #peek(): Event {
    const event = this.#events[this.#next]
    if (event === undefined) throw new Refused({ line: 1, what: 'ends too early' })
    return event
  }

  #lineOf(event: Event): number {
    const offset = offsetOf(event)
    let [low, high] = [0, this.#lineStarts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((this.#lineStarts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

function offsetOf(event: Event): number {
  const start = 'start' in event ? event.start : (event as Partial<ScalarEvent>).valueStart
  return start ?? ('anchorStart' in event ? event.anchorStart : 0)
}
