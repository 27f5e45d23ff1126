import type { Draft } from '../../cataloguer.ts'
import { hashesOfIntegrity } from '../../integrity.ts'
import { npmNameOf } from '../../languages/npm.ts'

interface Block {
  /** `name@range`, all that this version satisfies. */
  readonly patterns: readonly string[]
  readonly fields: Map<string, string>
  /** Patterns again. */
  readonly needs: string[]
}

const longestLine = 2 ** 20

/** `yarn.lock` of version 1, a format of its own: blocks by indentation, texts in quotes where they need some. */
export function yarnClassic(content: string): readonly Draft[] {
  const blocks = blocksOf(content)
  const keys = new Map(blocks.flatMap(({ patterns }) => patterns.map((pattern) => [pattern, patterns[0] ?? ''])))
  return blocks.flatMap(({ patterns: [first = ''], fields, needs }): readonly Draft[] => {
    const [, written = '', range = ''] = /^((?:@[^/]+\/)?[^@]+)@(.*)$/.exec(first) ?? []
    const aliased = /^npm:((?:@[^/]+\/)?[^@]+)@/.exec(range)?.[1]
    const [named, version] = [npmNameOf(aliased ?? written), fields.get('version')]
    if (version === undefined || named === undefined) throw new Error(`${JSON.stringify(first.slice(0, 200))} has no name or version`)
    if (/^(?:file|link):/.test(range)) return []
    const found = needs.flatMap((pattern) => keys.get(pattern) ?? [])
    return [
      {
        type: 'npm',
        ...named,
        version,
        key: first,
        licenses: [],
        ...hashesOfIntegrity(fields.get('integrity')),
        ...(found.length === 0 ? {} : { needs: found }),
      },
    ]
  })
}

function blocksOf(content: string): readonly Block[] {
  const blocks: Block[] = []
  let isInNeeds = false
  for (const line of content.split(/\r?\n/)) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [block, indent, words] = [blocks.at(-1), line.length - line.trimStart().length, wordsOf(line)]
    const [name = '', value] = words
    if (indent === 0) {
      if (!line.endsWith(':')) throw new Error(`a line is no header of a package: ${JSON.stringify(line.slice(0, 200))}`)
      blocks.push({ patterns: words, fields: new Map(), needs: [] })
    } else if (indent === 2) {
      isInNeeds = value === undefined && /^(?:optionalD|d)ependencies$/.test(name)
      if (value !== undefined) block?.fields.set(name, value)
    } else if (isInNeeds && value !== undefined) block?.needs.push(`${name}@${value}`)
  }
  return blocks
}

/** Texts separated by blanks or commas, in quotes (of JSON) or bare; a colon ends a line. */
function wordsOf(line: string): readonly string[] {
  if (line.length > longestLine) throw new Error(`it has a line of ${line.length} characters, expected at most ${longestLine}`)
  const words: string[] = []
  for (const [word] of line.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|"|[^\s,"]+/g)) {
    if (word === '"') throw new Error('it has a quote without an end')
    const bare = word.startsWith('"') ? String(JSON.parse(word)) : word.replace(/:$/, '')
    if (bare !== '') words.push(bare)
  }
  return words
}
