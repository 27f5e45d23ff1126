import { describe, expect, it } from '@jest/globals'
import { out } from './output.ts'

const image = (host: string, name = 'app'): string => `${host}/${name}@sha256:${'a'.repeat(64)}`

describe('an output of images', () => {
  const { format } = out.images({ summary: 'Images.' })

  it.each([
    ['none', [], ''],
    ['one', [image('one.example')], image('one.example')],
    ['several', [image('one.example'), image('two.example')], `${image('one.example')},${image('two.example')}`],
  ])('of %s is a list', (_, images, text) => {
    expect(format(images)).toBe(text)
  })

  it('has all of 1,024 bytes, and of one more only the first', () => {
    const rest = Array.from({ length: 10 }, (_, index) => image(`r${index}.example`))
    const first = (length: number): string => image('r.example', 'x'.repeat(length))
    const missing = 1024 - [first(0), ...rest].join(',').length
    expect(format([first(missing), ...rest])).toHaveLength(1024)
    expect(format([first(missing + 1), ...rest])).toBe(first(missing + 1))
  })

  it.each([['registry.example/app:1'], ['app'], ['']])('of %j is none, as it has no digest', (text) => {
    expect(format([image('one.example'), text])).toBeUndefined()
  })
})
