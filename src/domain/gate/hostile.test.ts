import { describe, expect, test } from '@jest/globals'
import { parseVex } from '../vex/read.ts'
import { readExceptionFile } from './exception-files.ts'
import { now } from './finding.fake.ts'
import { parseGatePolicy } from './policy.ts'

const bomb = (): string => {
  const levels = Array.from(
    { length: 12 },
    (_, at) =>
      `a${at}: &a${at} [${Array(9)
        .fill(at === 0 ? 'x' : `*a${at - 1}`)
        .join(',')}]`,
  )
  return levels.join('\n')
}
const deep = (open: string, close: string): string => `${open.repeat(200_000)}${close.repeat(200_000)}`

const read: Readonly<Record<string, (text: string) => unknown>> = {
  policy: (text) => parseGatePolicy(text, 'scan.yaml'),
  exceptions: (text) => readExceptionFile(text, 'e.yaml'),
  '.trivyignore.yaml': (text) => readExceptionFile(text, '.trivyignore.yaml'),
  '.grype.yaml': (text) => readExceptionFile(text, '.grype.yaml'),
  'osv-scanner.toml': (text) => readExceptionFile(text, 'osv-scanner.toml'),
  vex: (text) => parseVex(Buffer.from(text), 'x.json', now),
}

const codes = /^SW-(?:GATE-POLICY|GATE-EXCEPTIONS|VEX-INVALID)$/

describe.each(Object.keys(read))('%s', (kind) => {
  test.each<readonly [string, string]>([
    ['a bomb of aliases', kind === 'vex' ? '[]' : `${bomb()}\nexceptions: *a11\nvulnerabilities: *a11\nignore: *a11`],
    ['200,000 levels of lists', deep('[', ']')],
    ['200,000 levels of maps', deep('{"a":', '}')],
    ['names that every object has', '{ "__proto__": { "ignore": [] }, "toString": 1 }'],
    ['no text at all but NUL', '\0'.repeat(1000)],
    ['a list', '[1, 2]'],
    ['a number', '12'],
    ['a tag of a program', '!!js/function "x"'],
  ])('%s is refused by its code', (_, text) => {
    let thrown: unknown
    try {
      read[kind]?.(text)
    } catch (error) {
      thrown = error
    }
    expect(thrown).toHaveProperty('code', expect.stringMatching(codes))
    expect(String(thrown).length).toBeLessThan(2000)
  })
})

test('a million entries end at the first that is none', () => {
  expect(() => readExceptionFile(`exceptions: [${'0,'.repeat(1_000_000)}0]`, 'e.yaml')).toThrow('exceptions')
})
