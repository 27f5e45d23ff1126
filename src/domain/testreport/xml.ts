import { SaxesParser } from 'saxes'
import type { TextReader } from './collector.ts'
import { Unreadable } from './limits.ts'
import type { ReportFault } from './model.ts'

export type Attributes = Readonly<Record<string, string | undefined>>

/** What a reader of one XML dialect wants to be told. Names come without their prefix. */
export interface XmlHandler {
  open(name: string, attributes: Attributes): void
  /** Text and CDATA, in pieces. */
  text(text: string): void
  close(name: string): void
}

export interface XmlOptions {
  /** Root elements of the dialect. */
  readonly roots: readonly string[]
  readonly depth: number
  readonly fault: (kind: ReportFault['kind'], message: string, line?: number) => void
}

const faultsBeforeGivingUp = 1000

/** Breaks of the XML rules that test tools commit daily and that do no harm: control characters and unknown entities in text. */
const harmless = /^(?:disallowed character\.|(?:malformed|undefined) (?:character )?entity|the string "]]>"|duplicate attribute)/

/**
 * Streams XML to a handler. Entities are never expanded: a DOCTYPE that defines anything is refused, an external one is ignored.
 * A document that ends early is told apart from one that is malformed.
 */
export function xmlReader(handler: XmlHandler, options: XmlOptions): TextReader {
  const parser = new QuietParser((message) => complain(message))
  const open: string[] = []
  let faults = 0
  let written = false
  let rooted = false
  let ended = false
  parser.on('doctype', (text) => {
    if (text.includes('[')) throw new Unreadable('refused', 'has a DOCTYPE with definitions, which reports never need', parser.line)
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length === 0) checkRoot(localName(name), options.roots, parser.line)
    rooted = true
    open.push(name)
    if (open.length > options.depth) throw new Unreadable('limit', `has elements more than ${options.depth} deep`, parser.line)
    handler.open(localName(name), attributes)
  })
  parser.on('closetag', ({ name }) => {
    open.pop()
    handler.close(localName(name))
  })
  parser.on('text', (text) => handler.text(text))
  parser.on('cdata', (text) => handler.text(text))
  const complain = (message: string): void => {
    if (ended || harmless.test(message)) return
    faults += 1
    if (faults > faultsBeforeGivingUp) throw new Unreadable('malformed', 'is no XML', parser.line)
    if (faults === 1) options.fault('malformed', `breaks the rules of XML: ${message}`, parser.line)
  }
  return {
    write: (text) => {
      written ||= text.trim() !== ''
      parser.write(text)
    },
    end: () => {
      ended = true
      const { line } = parser
      const unclosed = open.at(-1)
      parser.close()
      if (!written) options.fault('empty', 'is empty')
      else if (unclosed !== undefined) options.fault('truncated', `ends within <${unclosed}>: it was cut off`, line)
      else if (!rooted && faults === 0) options.fault('truncated', 'ends before its first element')
    },
  }
}

/** Makes no `Error` for each fault: a file with a million of them would take seconds. */
class QuietParser extends SaxesParser {
  readonly #complain: (message: string) => void

  constructor(complain: (message: string) => void) {
    super({})
    this.#complain = complain
  }

  override fail(message: string): this {
    this.#complain(message)
    return this
  }
}

function checkRoot(name: string, roots: readonly string[], line: number): void {
  if (roots.includes(name)) return
  throw new Unreadable('unknown', `begins with <${name}>, expected ${roots.map((root) => `<${root}>`).join(' or ')}`, line)
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
