import { type Change, titleOf } from '../../domain/harbor/project/change.ts'
import type { Action } from '../../domain/harbor/project/kind.ts'
import type { Block } from '../../spec/ports.ts'

const signs = { create: '+', update: '~', delete: '-', unchanged: ' ' } as const satisfies Record<Action, string>
const order: readonly Action[] = ['delete', 'update', 'create']
/** What was done, and what would be. */
const words = {
  done: { create: 'created', update: 'changed', delete: 'deleted', unchanged: 'unchanged' },
  open: { create: 'to create', update: 'to change', delete: 'to delete', unchanged: 'unchanged' },
} as const satisfies Record<string, Record<Action, string>>

export type Tense = keyof typeof words

/** `2 to create, 1 to change, 40 unchanged` */
export function countsOf(changes: readonly Change[], tense: Tense): string {
  const count = (action: Action): number => changes.filter((change) => change.action === action).length
  const parts = (['create', 'update', 'delete', 'unchanged'] as const).filter((action) => count(action) > 0)
  return parts.length === 0 ? 'nothing is named' : parts.map((action) => `${count(action)} ${words[tense][action]}`).join(', ')
}

/** All that differs, a line each, and how many do not. */
export function tableOf(changes: readonly Change[], tense: Tense): string {
  const open = changes.filter(({ action }) => action !== 'unchanged')
  const width = Math.min(60, Math.max(0, ...open.map((change) => titleOf(change).length)))
  const lines = open.map((change) => `${signs[change.action]} ${titleOf(change).padEnd(width)}  ${wayOf(change)}`.trimEnd())
  return [...lines, countsOf(changes, tense)].join('\n')
}

export function summaryOf(changes: readonly Change[], tense: Tense): readonly Block[] {
  const open = changes.filter(({ action }) => action !== 'unchanged')
  const sorted = open.toSorted((a, b) => order.indexOf(a.action) - order.indexOf(b.action))
  const rows = sorted.map((change) => [
    words[tense][change.action],
    titleOf(change),
    change.before ?? '',
    change.after ?? '',
    String(change.line),
  ])
  const counts: Block = { kind: 'text', text: countsOf(changes, tense) }
  return rows.length === 0 ? [counts] : [counts, { kind: 'table', columns: ['', 'setting', 'before', 'after', 'line'], rows }]
}

function wayOf({ kind, action, before = '', after = '', line }: Change): string {
  if (action === 'delete') return `${before}, not in the file`
  if (kind === 'project') return `project  line ${line}`
  return `${action === 'update' ? `${before} → ` : ''}${after}  line ${line}`
}
