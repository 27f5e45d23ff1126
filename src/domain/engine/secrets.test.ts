import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from '@jest/globals'
import { removeTreeSync } from '../../io/files.ts'
import { keepSecrets, parseSecrets } from './secrets.ts'

const folder = mkdtempSync(join(tmpdir(), 'slipway-secrets-'))
afterAll(() => removeTreeSync(folder))

describe('the input secrets', () => {
  test.each([
    ['', []],
    ['token=a=b', [['token', 'a=b']]],
    [
      'a=1\r\n\nb= two ',
      [
        ['a', '1'],
        ['b', ' two '],
      ],
    ],
    ['{"key": "line 1\\nline 2"}', [['key', 'line 1\nline 2']]],
  ])('%j', (text, expected) => expect([...parseSecrets(text)]).toEqual(expected))

  test.each([
    ['a=1\nhunter22', 'Line 2 of secrets is not id=value.'],
    ['{"a": "hunter22"', 'begins like a JSON object but is none'],
    ['{"a": ["hunter22"]}', 'something else than a text under "a"'],
    ['a=1\na=hunter22', 'has the id a twice'],
    ['hunter22,src=/etc/shadow=x', 'has an id that is not of letters'],
  ])('%j is refused, and no part of it shown', (text, message) => {
    expect(() => parseSecrets(text)).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-SECRET', message: expect.stringContaining(message) }),
    )
    expect(() => parseSecrets(text)).toThrow(expect.not.objectContaining({ message: expect.stringContaining('hunter22') }))
  })
})

describe('files for the engine', () => {
  const masked: string[] = []
  const keep = (values: Record<string, string>, files: Record<string, string> = {}) =>
    keepSecrets(
      { values: new Map(Object.entries(values)), files, workspace: import.meta.dirname },
      { folder, secrets: { mask: (value) => void masked.push(value) } },
    )

  it('hold each secret, for nobody else to read, and their content is masked', async () => {
    const [value, file] = await keep({ token: 'first' }, { own: 'secrets.test.ts' })
    expect(value).toMatchObject({ id: 'token', path: expect.stringContaining(folder) })
    expect(readFileSync(value?.path ?? '', 'utf8')).toBe('first')
    expect(statSync(value?.path ?? '').mode & 0o777).toBe(0o600)
    expect(file?.id).toBe('own')
    expect(masked).toEqual(['first', expect.stringContaining('for nobody else to read')])
  })

  it.each([
    [{}, { a: 'none.txt' }, 'The file of the secret a cannot be used'],
    [{ a: '1' }, { a: 'secrets.test.ts' }, 'both in secrets and in secret-files'],
    [{}, { 'a,b': 'secrets.test.ts' }, 'has an id'],
  ])('%j, %j is refused', async (values, files, message) => {
    await expect(keep(values, files)).rejects.toMatchObject({ code: 'SW-BUILD-SECRET', message: expect.stringContaining(message) })
  })
})
