import type { TextReader } from '../collector.ts'
import { LineSplitter } from '../text.ts'
import type { AddLine } from './coverage.ts'

/** Reads lcov tracefiles (geninfo(1)): `SF:` names a file, `DA:` one of its lines with its hits. */
export function lcovReader(add: AddLine): TextReader {
  let file = ''
  return lineReader((line) => {
    if (line.startsWith('SF:')) file = line.slice('SF:'.length).trim()
    const [, number, hits] = /^DA:(\d{1,9}),(-?\d+)/.exec(line) ?? []
    if (number !== undefined) add(file, Number(number), { covered: Number(hits) > 0 })
  })
}

/** Reads what `go test -coverprofile` writes: `file:line.column,line.column statements count`. */
export function goProfileReader(add: AddLine): TextReader {
  return lineReader((line) => {
    const [, file, range, statements, hits] = /^(.+):(\d+\.\d+,\d+\.\d+) (\d{1,9}) (\d+)$/.exec(line) ?? []
    if (file !== undefined && range !== undefined) add(file, range, { covered: Number(hits) > 0, weight: Number(statements) })
  })
}

function lineReader(read: (line: string) => void): TextReader {
  const lines = new LineSplitter(read)
  return { write: (text) => lines.write(text), end: () => lines.end() }
}
