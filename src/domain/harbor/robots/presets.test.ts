import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { type Preset, presetNames, presets, rightsFor } from './presets.ts'
import { rightsOf } from './settings.ts'

const guide = join(import.meta.dirname, '../../../../docs/guides/harbor-robots.md')
const marked = (rights: readonly string[]): string => rights.map((right) => `\`${right}\``).join(', ') || '–'

it('the guide lists every preset with its rights', () => {
  const rows = readFileSync(guide, 'utf8')
    .split('\n')
    .filter((line) => /^\| `[a-z-]+` +\|.*\|$/.test(line) && line.split('|').length === 6)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const expected = presetNames.map((name) => {
    const { does, needs, tells }: Preset = presets[name]
    return [`\`${name}\``, does, marked(needs), marked(tells)]
  })
  expect(rows).toEqual(expected)
})

it('words of a file are presets and single rights, each right once and in order', () => {
  expect(rightsOf(['push', 'tag:delete', 'sign', 'repository:push'])).toEqual(['accessory:list', 'repository:push', 'tag:delete'])
  expect(rightsFor([])).toEqual([])
})
