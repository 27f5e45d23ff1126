import { WriteStream } from 'node:tty'
import { expect, it } from '@jest/globals'
import { screenOf, terminalOf } from './terminal.ts'

const at = (isTTY: boolean, environment: Readonly<Record<string, string>>) => {
  const stream = Object.assign(Object.create(WriteStream.prototype) as WriteStream, { isTTY, columns: 80, rows: 24 })
  return terminalOf(stream, { name: 'local', environment: { LANG: 'C.UTF-8', ...environment } })
}

it.each([
  ['a terminal', at(true, { TERM: 'xterm' }), { columns: 80, movable: true, color: true }],
  ['one without colour', at(true, { TERM: 'xterm', NO_COLOR: '1' }), { columns: 80, movable: true, color: false }],
  ['one that cannot move its cursor', at(true, { TERM: 'dumb' }), { columns: 80, movable: false, color: false }],
  ['a pipe', at(false, { TERM: 'xterm' }), { columns: 1000, movable: false, color: false }],
  ['a pipe that wants colour', at(false, { FORCE_COLOR: '1' }), { columns: 1000, movable: false, color: true }],
])('knows %s', (_, terminal, { columns, movable, color }) => {
  const screen = screenOf(terminal, () => undefined)
  expect({ columns: screen.columns(), movable: terminal.movable, color: screen.color }).toEqual({ columns, movable, color })
})
