import { decoderFor } from './decode.ts'
import type { Format } from './model.ts'
import { parseTapLine } from './tap-line.ts'

/** How many bytes of a report {@link detectFormat} looks at. */
export const headBytes = 64 * 1024

const roots: Readonly<Record<string, Format>> = { testsuites: 'junit', testsuite: 'junit', TestRun: 'trx' }

const extensions: readonly (readonly [string, Format])[] = [
  ['.tap', 'tap'],
  ['.trx', 'trx'],
  ['.xml', 'junit'],
]

/** The dialect of a report by its first bytes, and for an empty one by its name; undefined when it is none that we read. */
export function detectFormat(head: Uint8Array, name = ''): Format | undefined {
  const text = decoderFor(head).decode(head.subarray(0, headBytes), { stream: true }).trimStart()
  if (text === '') return extensions.find(([extension]) => name.toLowerCase().endsWith(extension))?.[1]
  if (text.startsWith('<')) return roots[rootOf(text) ?? '']
  const lines = text.split(/\r?\n/)
  if (lines.some((line) => /^\{"(?:Time|Action|Package|ImportPath)":.*"Action":"|^\{"Action":"/.test(line))) return 'go'
  if (text.startsWith('{')) return /"(?:testResults|numTotalTests|assertionResults)"/.test(text) ? 'jest' : undefined
  if (lines.some((line) => /^running \d+ tests?$/.test(line))) return 'libtest'
  return lines.some(isTap) ? 'tap' : undefined
}

/** Whether a line can only come from TAP: `ok` alone begins many a sentence. */
function isTap(line: string): boolean {
  const found = parseTapLine(line)
  if (found?.kind === 'point') return /^(?:not )?ok \d+\b/.test(line)
  return found?.kind === 'version' || found?.kind === 'plan'
}

/** The name of the first element without its prefix, after declaration, comments and DOCTYPE. */
export function rootOf(text: string): string | undefined {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const [, name] = /^<(?:[A-Za-z_][\w.-]{0,99}:)?([A-Za-z_][\w.-]{0,99})/.exec(text.slice(at, at + 210)) ?? []
    if (name !== undefined) return name
    if (text.startsWith('<!--', at)) at = text.indexOf('-->', at)
    if (at < 0) return undefined
  }
  return undefined
}
