import { posix } from 'node:path'
import type { TextReader } from '../collector.ts'
import { type Attributes, type XmlHandler, type XmlOptions, xmlReader } from '../xml.ts'
import type { AddLine } from './coverage.ts'

/** Reads Cobertura XML: coverage.py, jest, coverlet, gcovr, `cargo llvm-cov`. */
export function coberturaReader(add: AddLine, options: Omit<XmlOptions, 'roots'>): TextReader {
  return xmlReader(new CoberturaHandler(add), { ...options, roots: ['coverage'] })
}

/** Reads JaCoCo XML: a line is covered when any of its instructions ran. */
export function jacocoReader(add: AddLine, options: Omit<XmlOptions, 'roots'>): TextReader {
  return xmlReader(new JacocoHandler(add), { ...options, roots: ['report'] })
}

class CoberturaHandler implements XmlHandler {
  readonly #add: AddLine
  readonly #sources: string[] = []
  #inSource = false
  #file = ''

  constructor(add: AddLine) {
    this.#add = add
  }

  open(name: string, { filename, number, hits }: Attributes): void {
    this.#inSource = name === 'source'
    if (name === 'source') this.#sources.push('')
    if (name === 'class') this.#file = this.#path(filename ?? '')
    if (name === 'line') this.#add(this.#file, Number(number), { covered: Number(hits) > 0 })
  }

  text(text: string): void {
    if (this.#inSource) this.#sources.push((this.#sources.pop() ?? '') + text)
  }

  close(): void {
    this.#inSource = false
  }

  /** File names are relative to the source folder; with several nobody knows to which. */
  #path(filename: string): string {
    const [source, ...others] = this.#sources
    return source === undefined || others.length > 0 ? filename : posix.join(source.trim(), filename)
  }
}

class JacocoHandler implements XmlHandler {
  readonly #add: AddLine
  #package = ''
  #file = ''

  constructor(add: AddLine) {
    this.#add = add
  }

  open(element: string, { name = '', nr, ci }: Attributes): void {
    if (element === 'package') this.#package = name
    if (element === 'sourcefile') this.#file = posix.join(this.#package, name)
    if (element === 'line') this.#add(this.#file, Number(nr), { covered: Number(ci) > 0 })
  }

  text(): void {}

  close(): void {}
}
