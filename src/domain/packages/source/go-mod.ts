import type { Draft } from '../cataloguer.ts'
import { moduleOf } from '../languages/go-binary.ts'
import { lockFile } from './lock-file.ts'

interface Replaced {
  readonly path: string
  /** Empty for a folder. */
  readonly version: string
}

/**
 * `go.mod` (go.dev/ref/mod), which since Go 1.17 names every module that a build may need, tests included. `go.sum` has more than that: also
 * versions that were only considered.
 */
export const goMod = lockFile('go.mod', (content) => {
  const required = new Map<string, string>()
  const replaced = new Map<string, Replaced>()
  let release = ''
  for (const [word, ...rest] of statementsOf(content)) {
    const [path = '', version = ''] = rest
    if (word === 'go') release = path
    else if (word === 'require') required.set(path, version)
    else if (word === 'replace') replaced.set(...replacementOf(rest))
  }
  const packages = [...required].map(([path, version]): Draft => {
    const other = replaced.get(`${path} ${version}`) ?? replaced.get(path)
    if (other === undefined) return moduleOf(path, version)
    return other.version === '' ? moduleOf(path, '') : moduleOf(other.path, other.version)
  })
  const [, minor = '0'] = /^1\.(\d+)/.exec(release) ?? (release === '' ? [] : ['', '99'])
  if (Number(minor) >= 17 || packages.length === 0) return { packages }
  return { packages, unscannable: 'it is of Go 1.16 or before, and does not name the modules that others bring' }
})

/** Statements word by word; those of a block each with the block's name. */
function* statementsOf(content: string): Generator<readonly string[]> {
  let block: string | undefined
  for (const line of content.split('\n')) {
    const [code = ''] = line.split('//', 1)
    const words = code
      .replace(/[()]/g, ' $& ')
      .split(/\s+/)
      .filter((word) => word !== '')
      .map((word) => word.replace(/^["`](.*)["`]$/, '$1'))
    if (words.length === 0) continue
    if (block !== undefined && words[0] === ')') block = undefined
    else if (block !== undefined) yield [block, ...words]
    else if (words[1] === '(') block = words[0]
    else yield words
  }
}

/** `old [version] => new [version]`; without a version of the old one all of it are meant. */
function replacementOf(words: readonly string[]): readonly [string, Replaced] {
  const arrow = words.indexOf('=>')
  const [path = '', version = ''] = words.slice(arrow + 1)
  return [words.slice(0, Math.max(0, arrow)).join(' '), { path, version }]
}
