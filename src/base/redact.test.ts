import { describe, expect, it, test } from '@jest/globals'
import fc from 'fast-check'
import { Redactor } from './redact.ts'

function redactorOf(...secrets: string[]): Redactor {
  const redactor = new Redactor()
  for (const secret of secrets) redactor.add(secret)
  return redactor
}

describe('forms of a secret', () => {
  const secret = 'p@ss/w"rd <&> ü+?'

  test.each([
    ['as it is', secret],
    ['base64', Buffer.from(secret).toString('base64')],
    ['base64 without padding', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
    ['base64url', Buffer.from(secret).toString('base64url')],
    ['a component of a URL', encodeURIComponent(secret)],
    ['a component of a URL, lower-case digits', encodeURIComponent(secret).replace(/%../g, (hex) => hex.toLowerCase())],
    ['a form', new URLSearchParams({ '': secret }).toString().slice(1)],
    ['a URL', encodeURI(secret)],
    ['JSON', JSON.stringify(secret).slice(1, -1)],
    ['JSON in JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
    ['JSON of Go', JSON.stringify(secret).slice(1, -1).replace('<', '\\u003c').replace('>', '\\u003e').replace('&', '\\u0026')],
    ['JSON of Python', JSON.stringify(secret).slice(1, -1).replace('ü', '\\u00fc')],
    ['JSON of PHP', JSON.stringify(secret).slice(1, -1).replace('/', '\\/')],
    ['XML', 'p@ss/w&quot;rd &lt;&amp;&gt; ü+?'],
  ])('%s', (_, form) => {
    expect(redactorOf(secret).redact(`before ${form} after`)).toBe('before *** after')
  })

  test.each([0, 1, 2, 3, 4, 5])('inside longer base64, %i bytes from its beginning', (offset) => {
    const text = `${'x'.repeat(offset)}tr0ub4dor&3${'y'.repeat(7)}`
    for (const encoding of ['base64', 'base64url'] as const) {
      const shown = redactorOf('tr0ub4dor&3').redact(Buffer.from(text).toString(encoding))
      expect(shown).toContain('***')
      expect(Buffer.from(shown.replaceAll('***', ''), encoding).toString()).not.toContain('ub4do')
    }
  })

  it('hides the Basic header whole, and the password alone', () => {
    const redactor = new Redactor()
    redactor.addBasic('robot$ci', 'hunter22')
    const header = Buffer.from('robot$ci:hunter22').toString('base64')
    expect(redactor.redact(`authorization: Basic ${header}; hunter22; robot$ci`)).toBe('authorization: Basic ***; ***; robot$ci')
  })

  it('hides each line of a multi-line secret, and not its short lines', () => {
    const redactor = redactorOf('-----BEGIN KEY-----\r\nMIIEvQIBADANBg\n}\n-----END KEY-----\n')
    expect(redactor.redact('> MIIEvQIBADANBg <\n{}\n-----END KEY-----')).toBe('> *** <\n{}\n***')
    expect(redactor.redact(`x ${Buffer.from('MIIEvQIBADANBg').toString('base64')}`)).toBe('x ***')
  })

  it('hides a secret whose end of line was cut off', () => {
    expect(redactorOf('token-with-line-feed\n').redact('[token-with-line-feed]')).toBe('[***]')
  })

  it('ignores blank secrets', () => {
    const redactor = redactorOf('', ' ', '\n')
    redactor.addBasic('user', '')
    expect(redactor.redact(' user \n')).toBe(' user \n')
  })

  it('takes half of a surrogate pair without a word', () => {
    expect(redactorOf('abcd\ud800').redact('abcd\ud800!')).toBe('***!')
  })
})

describe('a short secret', () => {
  test.each([
    ['abc', 'abc', '***'],
    ['abc', 'an abc, (abc)', 'an ***, (***)'],
    ['abc', 'abcd xabc abc_ äabc', 'abcd xabc abc_ äabc'],
    ['7', 'exit 7, 17, 7.', 'exit ***, 17, ***.'],
    ['a b', 'a b', '***'],
    [' ab ', '[ab]', '[***]'],
  ])('%j in %j', (secret, text, shown) => {
    expect(redactorOf(secret).redact(text)).toBe(shown)
    expect(inPieces(redactorOf(secret), [...text])).toBe(shown)
  })
})

describe('secrets that meet', () => {
  test.each([
    ['the longer wins', ['pass', 'password'], 'password pass', '*** ***'],
    ['one after the other', ['first', 'second'], 'firstsecond', '******'],
    ['overlapping ones leave no end', ['abcdef', 'defghi'], 'xabcdefghix', 'x***x'],
    ['one inside the other', ['inside', 'has inside it'], 'has inside it', '***'],
    ['a repetition', ['aaaa'], 'aaaaaaa', '***'],
    ['the beginning of one', ['abcdef'], 'abcde abcdeabcdef', 'abcde abcde***'],
  ])('%s', (_, secrets, text, shown) => {
    expect(redactorOf(...secrets).redact(text)).toBe(shown)
    expect(inPieces(redactorOf(...secrets), [...text])).toBe(shown)
  })
})

describe('a stream', () => {
  it('holds back only what could begin a secret', () => {
    const stream = redactorOf('secret-1').stream()
    expect(stream.write('a sec')).toBe('a ')
    expect(stream.write('ond one')).toBe('second one')
    expect(stream.write(' secret-')).toBe(' ')
    expect(stream.write('1.')).toBe('***.')
    expect(stream.write('secret')).toBe('')
    expect(stream.end()).toBe('secret')
    expect(stream.end()).toBe('')
  })

  it('learns a secret that is added while it runs', () => {
    const redactor = new Redactor()
    const stream = redactor.stream()
    expect(stream.write('hush-hush ')).toBe('hush-hush ')
    redactor.add('hush-hush')
    expect(stream.write('hush-hush ') + stream.end()).toBe('*** ')
  })

  it('gives the same as the whole text, however it is cut', () => {
    const secret = fc.string({ unit: fc.constantFrom('a', 'b', '/', '\n', 'é', '😀'), minLength: 1, maxLength: 8 })
    const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '/', '\n', 'é', ' ', '%', '2', 'F'), maxLength: 6 }))
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 4 }), pieces, (secrets, parts) => {
        const redactor = redactorOf(...secrets)
        expect(inPieces(redactor, parts)).toBe(redactor.redact(parts.join('')))
      }),
      { numRuns: 500 },
    )
  })

  it('never lets a long secret through, wherever it stands', () => {
    const word = fc.string({ minLength: 6, maxLength: 20 }).filter((text) => text.trim() === text && !/[*\s]/.test(text))
    fc.assert(
      fc.property(word, fc.string(), fc.string(), fc.nat(), (secret, before, after, cut) => {
        const text = `${before}${secret}${after}`
        const at = cut % text.length
        const shown = inPieces(redactorOf(secret), [text.slice(0, at), text.slice(at)])
        expect(shown).not.toContain(secret)
        expect(shown).toContain('***')
      }),
      { numRuns: 500 },
    )
  })
})

function inPieces(redactor: Redactor, pieces: readonly string[]): string {
  const stream = redactor.stream()
  return pieces.map((piece) => stream.write(piece)).join('') + stream.end()
}
