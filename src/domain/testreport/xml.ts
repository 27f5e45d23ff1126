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
  /** After the last of them. */
  end?(): void
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
  return new XmlReader(handler, options)
}

class XmlReader implements TextReader {
  readonly #handler: XmlHandler
  readonly #options: XmlOptions
  readonly #parser = new QuietParser((message) => this.#complain(message))
  readonly #open: string[] = []
  #faults = 0
  #isWritten = false
  #isRooted = false
  #isEnded = false

  constructor(handler: XmlHandler, options: XmlOptions) {
    this.#handler = handler
    this.#options = options
    this.#parser.on('doctype', (text) => this.#doctype(text))
    this.#parser.on('opentag', ({ name, attributes }) => this.#openTag(name, attributes))
    this.#parser.on('closetag', ({ name }) => {
      this.#open.pop()
      handler.close(localName(name))
    })
    this.#parser.on('text', (text) => handler.text(text))
    this.#parser.on('cdata', (text) => handler.text(text))
  }

  write(text: string): void {
    this.#isWritten ||= text.trim() !== ''
    this.#parser.write(text)
  }

  end(): void {
    this.#isEnded = true
    const { line } = this.#parser
    const unclosed = this.#open.at(-1)
    this.#parser.close()
    const { fault } = this.#options
    if (!this.#isWritten) fault('empty', 'is empty')
    else if (unclosed !== undefined) fault('truncated', `ends within <${unclosed}>: it was cut off`, line)
    else if (!this.#isRooted && this.#faults === 0) fault('truncated', 'ends before its first element')
    this.#handler.end?.()
  }

  #doctype(text: string): void {
    if (text.includes('[')) throw new Unreadable('refused', 'has a DOCTYPE with definitions, which reports never need', this.#parser.line)
  }

  #openTag(name: string, attributes: Attributes): void {
    const { roots, depth } = this.#options
    if (this.#open.length === 0) checkRoot(localName(name), roots, this.#parser.line)
    this.#isRooted = true
    this.#open.push(name)
    if (this.#open.length > depth) throw new Unreadable('limit', `has elements more than ${depth} deep`, this.#parser.line)
    this.#handler.open(localName(name), attributes)
  }

  #complain(message: string): void {
    if (this.#isEnded || harmless.test(message)) return
    this.#faults += 1
    if (this.#faults > faultsBeforeGivingUp) throw new Unreadable('malformed', 'is no XML', this.#parser.line)
    if (this.#faults === 1) this.#options.fault('malformed', `breaks the rules of XML: ${message}`, this.#parser.line)
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
