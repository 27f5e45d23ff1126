import { describe, expect, it, test } from '@jest/globals'
import { messageOf } from '../base/errors.ts'
import { boolean, integer, list, map, secret, text } from '../spec/kinds.ts'
import { flagOf, parseFlags } from './flags.ts'

const inputs = {
  image: text({ optional: true, summary: 'x' }),
  retries: integer({ default: 1, summary: 'x' }),
  tags: list({ default: [], summary: 'x' }),
  labels: map({ default: {}, summary: 'x' }),
  force: boolean({ default: false, summary: 'x' }),
  'fail-fast': boolean({ default: true, summary: 'x' }),
  'push.image': text({ optional: true, summary: 'x' }),
  password: secret({ optional: true, summary: 'x' }),
  'push.password': secret({ optional: true, summary: 'x' }),
}
const flags = Object.entries(inputs).map(([name, input]) => flagOf(name, input))

function read(...argv: string[]): Record<string, unknown> {
  const { values, positionals } = parseFlags(argv, flags, { command: 'slipway push', positionals: 1 })
  return { ...Object.fromEntries(values), ...(positionals.length === 0 ? {} : { '': positionals }) }
}

function refusal(...argv: string[]): string {
  try {
    return JSON.stringify(read(...argv))
  } catch (error) {
    return messageOf(error)
  }
}

describe('what is taken', () => {
  test.each<[string[], Record<string, unknown>]>([
    [[], {}],
    [['--image', 'a b'], { image: 'a b' }],
    [['--image=a=b'], { image: 'a=b' }],
    [['--image=-x'], { image: '-x' }],
    [['--image', '-'], { image: '-' }],
    [['--image', ''], { image: '' }],
    [['--retries=-1'], { retries: '-1' }],
    [['--force'], { force: 'true' }],
    [['--no-fail-fast'], { 'fail-fast': 'false' }],
    [['--force=no'], { force: 'no' }],
    [['--tags', 'a,b'], { tags: 'a,b' }],
    [['--tags', 'a,b', '--tags', 'c'], { tags: ['a,b', 'c'] }],
    [['--labels', 'a=1', '--labels', 'b=2', '--labels', 'c=3'], { labels: ['a=1', 'b=2', 'c=3'] }],
    [['--push.image', 'x'], { 'push.image': 'x' }],
    [['--password-from-env', 'TOKEN'], { password: { env: 'TOKEN' } }],
    [['--push.password-from-env=TOKEN'], { 'push.password': { env: 'TOKEN' } }],
    [['folder', '--force'], { force: 'true', '': ['folder'] }],
    [['--', '--image'], { '': ['--image'] }],
  ])('%j', (argv, expected) => {
    expect(read(...argv)).toEqual(expected)
  })
})

describe('what is refused', () => {
  test.each<[string[], string]>([
    [['--imge', 'x'], '--imge  is not a flag of slipway push; did you mean --image?'],
    [['--nothing-like-it'], '--nothing-like-it  is not a flag of slipway push'],
    [['-f'], '-f  is not a flag'],
    [['--image'], '--image  needs a value'],
    [['--image', '--force'], '--image  needs a value; one that begins with - is written --image=--force'],
    [['--no-image'], '--no-image  cannot be negated: it takes a value'],
    [['--image', 'a', '--image', 'b'], '--image  is given twice'],
    [['--force', '--no-force'], '--no-force  is given twice'],
    [['a', 'b'], 'b  is not expected here'],
    [['--password', 'x'], 'set INPUT_PASSWORD, or give --password-from-env with the name of a variable'],
    [['--push.password=x'], 'read a command line; give --push.password-from-env with'],
  ])('%j', (argv, expected) => {
    expect(refusal(...argv)).toContain(expected)
  })

  it('is told all at once', () => {
    expect(refusal('--imge', 'x', '--tgs=a', '--image')).toMatch(/^3 arguments cannot be used:\n {2}--imge .*\n {2}--tgs .*\n {2}--image /)
  })

  it('is told without the value of a secret, also when its flag is misspelt', () => {
    expect(refusal('--password', 'hunter2', '--passwrod', 'hunter2', '--push.password=hunter2')).not.toContain('hunter2')
  })
})
