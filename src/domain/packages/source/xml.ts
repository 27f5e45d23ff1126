import { SaxesParser } from 'saxes'

/** An element with its children in order, and the text directly in it. */
export interface Element {
  readonly name: string
  readonly children: readonly Element[]
  readonly text: string
}

interface Open {
  readonly name: string
  readonly children: Element[]
  text: string
}

const most = { depth: 50, elements: 1_000_000 } as const

/** A document without its attributes; entities beyond those of XML, and faults, throw. */
export function xmlDocument(text: string): Element {
  const document: Open = { name: '', children: [], text: '' }
  const open: Open[] = [document]
  let elements = 0
  const parser = new SaxesParser({})
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name }) => {
    elements += 1
    if (open.length > most.depth) throw new Error(`it has elements more than ${most.depth} deep`)
    if (elements > most.elements) throw new Error(`it has more than ${most.elements} elements`)
    const element: Open = { name, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
  })
  const add = (more: string): void => {
    const element = open.at(-1)
    if (element !== undefined) element.text += more
  }
  parser.on('text', add)
  parser.on('cdata', add)
  parser.on('closetag', () => {
    open.pop()
  })
  parser.write(text).close()
  return document
}

/** The elements at a path of names, from each of the elements before. */
export function at(element: Element, ...path: readonly string[]): readonly Element[] {
  return path.reduce<readonly Element[]>(
    (found, name) => found.flatMap(({ children }) => children.filter((one) => one.name === name)),
    [element],
  )
}

/** The text of the first child of a name, without the blanks around it; undefined without one. */
export function childText(element: Element, name: string): string | undefined {
  return element.children.find((one) => one.name === name)?.text.trim()
}
