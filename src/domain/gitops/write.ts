import type { Edit } from './edit.ts'
import { gitopsTarget } from './errors.ts'
import type { MapNode, Node, Scalar, Slot } from './tree.ts'

/** A text that is read as the same text without quotes, in a block and in a flow: no number, no word of YAML 1.1, no sign with a meaning. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z0-9/](?:[A-Za-z0-9._/@+-]|:(?=[A-Za-z0-9]))*$/.test(text) &&
  !/^(?:y|n|yes|no|on|off|true|false|null|0[xob][\da-f_]+|\d[\d_]*(?:\.[\d_]*)?(?:e[+-]?\d+)?|\d+(?::\d+)+(?:\.\d*)?|\d{4}-\d.*)$/i.test(
    text,
  )

/** How a text is written in the style that stands there, else in double quotes. */
function written(text: string, style: Scalar['style']): string {
  if (style === 'single') return text.replaceAll("'", "''")
  if (style === 'double') return JSON.stringify(text).slice(1, -1)
  return isPlain(text) ? text : JSON.stringify(text)
}

function quotedIn(text: string, style: Scalar['style']): string {
  return style === 'plain' ? JSON.stringify(text) : written(text, style)
}

/** Puts a text where a scalar stands, in its own quotes; nothing where it says so already. `what` names the place. @throws SW-GITOPS-TARGET */
export function setScalar(
  source: string,
  { key, value: node }: Slot,
  { text, what }: { readonly text: string; readonly what: string },
): readonly Edit[] {
  const value = scalarOf(node, what)
  if (value.text === text && value.start !== undefined) return []
  if (value.start !== undefined && value.end !== undefined)
    // Where keys are in quotes it may be JSON, and no text goes without.
    return [
      { start: value.start, end: value.end, text: key?.style === 'double' ? quotedIn(text, value.style) : written(text, value.style) },
    ]
  if (key === undefined) throw gitopsTarget(`${what} is empty, expected a text.`)
  const at = afterColon(source, key)
  return [{ start: at, end: at, text: ` ${written(text, 'plain')}` }]
}

function scalarOf(value: Node, what: string): Scalar {
  if (value.kind === 'alias')
    throw gitopsTarget(`${what} is *${value.name}, which other places share: write its value there, or name the place of the anchor.`)
  if (value.kind !== 'scalar') throw gitopsTarget(`${what} is a ${value.kind}, expected a text.`)
  if (value.style === 'block' || value.text.includes('\n')) throw gitopsTarget(`${what} has several lines, expected one.`)
  return value
}

/** An empty value has no place of its own: it would stand behind the colon of its key. */
function afterColon(source: string, key: Scalar): number {
  return source.indexOf(':', (key.end ?? 0) + (key.style === 'plain' ? 0 : 1)) + 1
}

/** Adds an entry behind another one of the same map, on a line of its own at the same depth, or within the braces. @throws SW-GITOPS-TARGET */
export function addEntry(
  source: string,
  map: MapNode,
  { after, key, text }: { after: string; key: string; text: string },
): readonly Edit[] {
  const sibling = map.entries.find((entry) => entry.key.text === after)
  const place = sibling?.value.kind === 'scalar' ? (sibling.value.end ?? afterColon(source, sibling.key)) : undefined
  if (sibling === undefined || place === undefined || sibling.key.start === undefined)
    throw gitopsTarget(`there is no place for ${key}: expected ${after} with a text beside it.`)
  const quote = sibling.value.kind === 'scalar' && sibling.value.end !== undefined && /single|double/.test(sibling.value.style) ? 1 : 0
  const isJson = sibling.key.style === 'double' && map.isFlow
  const entry = isJson ? `${JSON.stringify(key)}: ${JSON.stringify(text)}` : `${key}: ${written(text, 'plain')}`
  if (map.isFlow) return [{ start: place + quote, end: place + quote, text: `, ${entry}` }]
  const lineStart = source.lastIndexOf('\n', sibling.key.start - 1) + 1
  const depth = sibling.key.start - (sibling.key.style === 'plain' ? 0 : 1) - lineStart
  const newline = source.indexOf('\n', place)
  const end = newline < 0 ? source.length : source[newline - 1] === '\r' ? newline - 1 : newline
  const bom = lineStart === 0 && source.startsWith('\u{FEFF}') ? 1 : 0
  return [{ start: end, end, text: `${lineEnding(source)}${' '.repeat(depth - bom)}${entry}` }]
}

function lineEnding(source: string): string {
  const first = source.indexOf('\n')
  return first > 0 && source[first - 1] === '\r' ? '\r\n' : '\n'
}
