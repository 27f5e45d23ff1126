import { parse, type SemVer } from 'semver'
import type { Order } from './order.ts'

/** Semantic versions as npm, Go and crates have them: a leading `v` and missing numbers are borne, build metadata does not count. */
export function compareSemver(a: string, b: string): Order {
  const [left, right] = [parsed(a), parsed(b)]
  return left === null || right === null ? undefined : left.compare(right)
}

/** Go writes `go1.21rc2` where everybody else writes `1.21.0-rc.2`. Numbers may be missing only where nothing but a known mark follows. */
function parsed(version: string): SemVer | null {
  const [, major, minor, patch, rest = ''] = /^(?:go|v|=)?\s*(\d+)(\.\d+)?(\.\d+)?(\S*)$/.exec(version.trim()) ?? []
  if (major === undefined) return null
  const mark = rest.replace(/^(rc|beta)(\d+)$/, '-$1.$2')
  if (patch === undefined && mark !== '' && !/^[-+]/.test(mark)) return null
  return parse(`${major}${minor ?? '.0'}${patch ?? '.0'}${mark}`.replace(/(^|\.)0+(?=\d+(?:\.|$))/g, '$1'), { loose: true })
}
