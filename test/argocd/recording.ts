import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'

const folder = join(import.meta.dirname, '../fakes/argocd/recorded')

/** Lines of JSON that were recorded at the lab's Argo CD 3.2.11. */
export function readRecording<T>(name: string): readonly T[] {
  const lines = gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line): T => JSON.parse(line))
}

export function writeRecording(name: string, lines: readonly unknown[]): void {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(text, { level: 9 }))
}

const left = new Set(['managedFields', 'generation', 'resourceVersion', 'uid'])

/** A value without what differs from run to run: times, hashes, addresses, the stage's own names, tokens. */
export function settled(value: unknown): unknown {
  if (typeof value === 'string') return settledText(value)
  // What is applied at once ends in any order.
  if (Array.isArray(value)) return value.map(settled).toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !left.has(name))
  return Object.fromEntries(entries.map(([name, inner]) => [name, settled(inner)]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
}

function orderOf(value: unknown): string {
  const { kind = '', name = '' } = Object(value)
  return `${kind} ${name}`
}

function settledText(text: string): string {
  return text
    .replace(/eyJ[\w-]+\.[\w-]+\.[\w-]+/g, 'TOKEN')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b\d{1,2}:\d\d[AP]M/g, 'CLOCK')
    .replace(/\b[0-9a-f]{40}\b/g, (hash) => (/^(.)\1+$/.test(hash) ? hash : 'REVISION'))
    .replace(/file:\/\/[^\s"]+/g, 'REPOSITORY')
    .replace('Manifest generation error (cached): rpc error: code = Unknown desc = ', '')
    .replace(/(?<=failed exit status 128): .*/s, '')
    .replace(/ and \d+ more hooks/, '')
    .replace(/\bs\d+-[0-9a-z]+-(?=[a-z])/g, '')
}
