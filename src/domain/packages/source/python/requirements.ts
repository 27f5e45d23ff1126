import { dirname, join } from 'node:path/posix'
import type { Draft } from '../../cataloguer.ts'
import { normalized, requiredName } from '../../languages/python.ts'
import { type LockFile, lockFile } from '../lock-file.ts'

/** Also the files of a folder of that name: `requirements/base.txt`. */
const inFolder = /(?:^|\/)requirements\/[^/]+\.txt$/

const named = lockFile(/^(?:.*[-_.])?requirements(?:[-_.].*)?\.txt$/, (content, path) => {
  const isDevelopment = /(?:^|[-_./])(?:dev|develop|development|tests?|lint|docs?)(?:[-_./]|$)/.test(path)
  const packages: Draft[] = []
  const others: string[] = []
  for (const line of linesOf(content)) {
    const found = draftOf(line)
    if (found !== undefined) packages.push(isDevelopment ? { ...found, scope: 'development' } : found)
    else if (!line.startsWith('-') || /^(?:-e|--editable)\b/.test(line) || includesUnread(line, path)) others.push(line)
  }
  if (others.length === 0 || isDevelopment) return { packages }
  return { packages, unscannable: `${others.length} of its lines name no package: ${others[0]?.slice(0, 200)}` }
})

/**
 * `requirements.txt` and its like (pip, Requirements File Format). Only `==` and `===` say a version; of all others it is not known. They name
 * what was put into them: everything only where a program wrote them. Files whose names tell of development are for that.
 */
export const requirements: LockFile = { ...named, wants: isRequirements }

function isRequirements(path: string): boolean {
  return named.wants(path) || inFolder.test(path)
}

/** `-r other.txt`: such a file is only read by itself where its name tells of it. */
function includesUnread(line: string, path: string): boolean {
  const [, included] = /^(?:-r|--requirement)[ =]?(\S+)$/.exec(line) ?? []
  return included !== undefined && !isRequirements(join(dirname(path), included))
}

/** Whole lines: a backslash joins one with the next; ` #` begins a comment. */
function linesOf(content: string): readonly string[] {
  return content
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.slice(0, commentIn(line)).trim().replace(/\s+/g, ' '))
    .filter((line) => line !== '')
}

function commentIn(line: string): number {
  const start = line.search(/(?:^|\s)#/)
  return start < 0 ? line.length : start
}

/** `name[extra]==1.0 ; marker --hash=…`, or `name @ https://…`. A wildcard is no version. */
function draftOf(line: string): Draft | undefined {
  const [, name, rest = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(.*)$/.exec(line) ?? []
  if (name === undefined || requiredName(line) === undefined || !/^(?:$|[=<>!~;@(]|--)/.test(rest)) return undefined
  const [, version = ''] = /^\(?\s*={2,3}\s*([^\s;,()*]+)\s*\)?\s*(?:;|--|$)/.exec(rest) ?? []
  return { type: 'pypi', name: normalized(name), version, licenses: [] }
}
