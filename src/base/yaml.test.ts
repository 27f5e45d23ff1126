import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isYamlFault, type Node, parseYaml } from './yaml.ts'

/** A node without its lines, for comparison. */
function bare(node: Node | undefined): unknown {
  if (node?.kind === 'list') return node.items.map(bare)
  if (node?.kind === 'map') return Object.fromEntries(node.entries.map(({ name, value }) => [name, bare(value)]))
  return node?.kind === 'scalar' ? (node.empty ? null : node.text) : undefined
}

const read = (text: string): unknown => {
  const parsed = parseYaml(text)
  return isYamlFault(parsed) ? parsed : bare(parsed)
}

describe('values keep their letters', () => {
  test.each([
    ['a: 1.10', { a: '1.10' }],
    ['a: 007', { a: '007' }],
    ['a: yes', { a: 'yes' }],
    ['a: 0x10', { a: '0x10' }],
    ['a: "q\\n"', { a: 'q\n' }],
    ['a: |\n  one\n  two\n', { a: 'one\ntwo\n' }],
    ['a:\nb: ~\nc: null\nd: "null"\ne: ""', { a: null, b: null, c: null, d: 'null', e: '' }],
    ['- a\n- [b, {c: d}]', ['a', ['b', { c: 'd' }]]],
    ['a: &x 1\nb: *x', { a: '1', b: '1' }],
    ['__proto__: 1', JSON.parse('{"__proto__":"1"}')],
    ['', undefined],
    ['# only a comment', undefined],
  ])('%j', (text, expected) => {
    expect(read(text)).toEqual(expected)
  })
})

test('every value knows its line', () => {
  const root = parseYaml('# comment\ntasks:\n  - test\n  - push:\n      image: x\n')
  const tasks = root !== undefined && 'entries' in root ? root.entries[0] : undefined
  const items = tasks?.value.kind === 'list' ? tasks.value.items : []
  expect([tasks?.line, ...items.map(({ line }) => line)]).toEqual([2, 3, 4])
})

describe('what has no meaning here is refused, with its line', () => {
  test.each([
    ['a: 1\nb: 2\na: 3', 3, 'names "a" again, first on line 1'],
    ['a: !!js/function x', 1, 'has a tag'],
    ['a: &x {b: 1}\nc:\n  <<: *x', 3, 'has a merge key'],
    ['a: &x [1]\nb: *x', 2, 'not a single value'],
    ['a: *nothing', 1, 'not defined before'],
    ['a: 1\n---\nb: 2', 1, 'several documents'],
    ['? [a]\n: b', 1, 'as the name of an entry'],
    ['a: [1\nb: 2', 2, ''],
    ['a: "open', 1, ''],
    ['\ttab: 1', 1, ''],
    [`a: ${'['.repeat(50)}${']'.repeat(50)}`, 1, 'nesting'],
    [`a: [${'x,'.repeat(20_000)}]`, 1, 'more than 10000 values'],
  ])('%#', (text, line, what) => {
    const fault = parseYaml(text)
    expect(fault).toEqual({ line: expect.any(Number), what: expect.stringContaining(what) })
    if (isYamlFault(fault) && what !== '') expect(fault.line).toBe(line)
  })
})

test('aliases of aliases cannot grow: a billion laughs is refused at once', () => {
  const bomb = [
    'a: &a [x,x]',
    ...Array.from({ length: 9 }, (_, level) => `b${level}: &b${level} [*${level === 0 ? 'a' : `b${level - 1}`},*a]`),
  ]
  expect(read(bomb.join('\n'))).toMatchObject({ line: 2 })
})

test('no text makes it throw', () => {
  const piece = fc.constantFrom(
    'a',
    ': ',
    '- ',
    '\n',
    '  ',
    '[',
    ']',
    '{',
    '}',
    '&x',
    '*x',
    '!t',
    '"',
    "'",
    '|',
    '>',
    '#',
    '---',
    '?',
    '<<',
    '\t',
    '%',
    '\u0000',
    '日',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const parsed = parseYaml(pieces.join(''))
      expect(parsed === undefined || 'what' in parsed || 'kind' in parsed).toBe(true)
    }),
    { numRuns: 2000 },
  )
})
