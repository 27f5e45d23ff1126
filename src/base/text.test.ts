import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { algorithmOf, hexOf, isDigest, sha256, shortDigest } from './digest.ts'
import { camel, inputVariable, kebab, resultVariable, runnerInputVariable } from './names.ts'
import { suggest } from './suggest.ts'
import { excerpt, neutralise, neutraliseLine } from './untrusted.ts'

describe('names', () => {
  test.each([
    ['image', 'image', 'INPUT_IMAGE', 'INPUT_IMAGE'],
    ['imageRef', 'image-ref', 'INPUT_IMAGE_REF', 'INPUT_IMAGE-REF'],
    ['sourceDateEpoch', 'source-date-epoch', 'INPUT_SOURCE_DATE_EPOCH', 'INPUT_SOURCE-DATE-EPOCH'],
  ])('%s is %s in public', (code, name, variable, onGithub) => {
    expect([kebab(code), camel(name), inputVariable(name), runnerInputVariable(name)]).toEqual([name, code, variable, onGithub])
    expect(resultVariable(name)).toBe(variable.replace('INPUT', 'RESULT'))
  })
})

describe('digests', () => {
  const empty = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

  test('of nothing', () => expect(sha256('')).toBe(empty))
  test('parts', () =>
    expect([algorithmOf(sha256('')), hexOf(sha256('')).length, shortDigest(empty)]).toEqual(['sha256', 64, 'sha256:e3b0c4…']))

  test.each([
    [empty, true],
    [`sha512:${'a'.repeat(128)}`, true],
    [empty.toUpperCase(), false],
    [`sha256:${empty}`, false],
    [empty.slice(0, -1), false],
    [`${empty}\n`, false],
    ['md5:d41d8cd98f00b204e9800998ecf8427e', false],
  ])('%j is one: %j', (text, expected) => expect(isDigest(text)).toBe(expected))
})

describe('suggestions', () => {
  const names = ['platforms', 'password', 'image', 'tags']
  test.each([
    ['platform', 'platforms'],
    ['iamge', 'image'],
    ['Tags', 'tags'],
    ['pass', 'password'],
    ['zzz', undefined],
    ['', undefined],
  ])('%j means %j', (word, expected) => expect(suggest(word, names)).toBe(expected))
})

describe('untrusted text', () => {
  test.each([
    ['::set-output name=a::b', ':\u200b:set-output name=a::b'],
    ['ok\n  ::add-mask::x', 'ok\n  :\u200b:add-mask::x'],
    ['a ##[error]b', 'a #\u200b#[error]b'],
    ['progress\rdone', 'progress\u240ddone'],
    ['a\r\nb', 'a\nb'],
    ['\u001b[31mred', '\u241b[31mred'],
    ['a\u202eb', 'a\ufffdb'],
    ['tab\tand : : stay', 'tab\tand : : stay'],
    ['std::vector', 'std::vector'],
  ])('%j becomes %j', (text, expected) => expect(neutralise(text)).toBe(expected))

  test('never holds a workflow command, whatever comes', () => {
    const hostile = fc.array(fc.constantFrom(':', '::', '##[', '#', '[', ' ', '\t', '\r', '\n', '\u2028', '\v', 'a'), { maxLength: 12 })
    fc.assert(
      fc.property(hostile, (parts) => {
        const lines = neutralise(parts.join('')).split(/\r\n|\r|\n|\u2028/)
        return lines.every((line) => !line.trimStart().startsWith('::') && !line.includes('##['))
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['short', 5, 'short'],
    ['one two three', 9, 'one two …'],
    ['one two three', 8, 'one two …'],
    ['{"a":"s3cret-s3cret"}', 12, '{"a":"…'],
    ['s3cret-s3cret', 6, '…'],
  ])('%j in %i characters is %j: no half of a word', (text, characters, expected) => expect(excerpt(text, characters)).toBe(expected))

  test('comes to an end for a megabyte of empty lines', () => {
    const empty = '\n'.repeat(1 << 20)
    expect(neutralise(`${empty}::x`) === `${empty}:\u200b:x`).toBe(true)
  })

  test('stays on one line when asked', () => expect(neutraliseLine('a\nb')).toBe('a\u240ab'))
})
