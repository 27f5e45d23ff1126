import { excerpt } from '../../base/untrusted.ts'
import type { Block } from '../../spec/ports.ts'
import type { FailingContainer } from './failing-containers.ts'
import type { FailureReport } from './failure.ts'
import { withoutSecrets } from './secret-shapes.ts'

const [longestMessage, mostConditions, mostUnread] = [400, 10, 10]

/** A report for the summary of a job: tables of what fails, the logs folded away. */
export function failureBlocks(report: FailureReport): readonly Block[] {
  const { application, url, resources, containers, events, conditions, more, unread } = report
  const left = more === 0 ? [] : [`${more} more resources are left out.`]
  return [
    { kind: 'heading', text: `Why ${application.name} fails` },
    { kind: 'text', text: `${stateOf(report)} · ${url}` },
    ...table(
      'Conditions',
      ['Condition', 'Message'],
      conditions.slice(0, mostConditions).map(({ type, message }) => [type ?? '', shown(message)]),
    ),
    ...table(
      'Resources',
      ['Resource', 'State', 'Message'],
      resources.map(({ kind, namespace, name, state, message }) => [
        `${kind} ${[namespace, name].filter((part) => part !== '').join('/')}`,
        state,
        shown(message),
      ]),
    ),
    ...table(
      'Containers',
      ['Container', 'State', 'Restarts', 'Message'],
      containers.map((one) => [`${one.pod} ${one.container}`, shown(one.state), String(one.restarts), shown(one.message || imageOf(one))]),
    ),
    ...table(
      'Events',
      ['When', 'Of', 'Reason', 'Message'],
      events.map(({ at, kind, name, reason, count, message }) => [
        timeOf(at),
        `${kind} ${name}`,
        `${reason}${count > 1 ? ` (${count} times)` : ''}`,
        shown(message),
      ]),
    ),
    ...containers.flatMap(logBlock),
    ...[...left, ...unread.slice(0, mostUnread).map((what) => `Not read: ${shown(what)}`)].map((text) => ({ kind: 'text' as const, text })),
  ]
}

/** A report for a log, through `log.untrusted`: the same without events of the normal course, and the logs as they are. */
export function failureLines(report: FailureReport): readonly string[] {
  const { application, url, resources, containers, events, conditions, more, unread } = report
  return [
    `${application.name}: ${stateOf(report)}`,
    ...conditions.slice(0, mostConditions).map(({ type, message }) => `  ${type}: ${shown(message)}`),
    ...resources.map(({ kind, name, state, message }) => `  ${state} ${kind} ${name}${message === '' ? '' : `: ${shown(message)}`}`),
    ...(more === 0 ? [] : [`  … ${more} more`]),
    ...containers.flatMap(containerLines),
    ...events
      .filter(({ type }) => type !== 'Normal')
      .map(({ at, kind, name, reason, message }) => `  ${timeOf(at)} ${kind} ${name} ${reason}: ${shown(message)}`),
    ...unread.slice(0, mostUnread).map((what) => `  not read: ${shown(what)}`),
    `  ${url}`,
  ]
}

/** `Degraded, Synced at 2432aea21c11; the operation Failed: one or more objects failed to apply`. */
function stateOf({ application: { health, sync, operationState } }: FailureReport): string {
  const at = sync.revisions.map((revision) => revision.slice(0, 12)).join(', ')
  const state = [health.status || 'no health', `${sync.status || 'not compared'}${at === '' ? '' : ` at ${at}`}`].join(', ')
  if (operationState === undefined) return state
  const retries = (operationState.retryCount ?? 0) > 0 ? ` after ${operationState.retryCount} retries` : ''
  return `${state}; the operation ${operationState.phase}${retries}: ${shown(operationState.message)}`
}

function containerLines({ pod, container, state, restarts, message, log }: FailingContainer): string[] {
  const head = `  ${pod} ${container}: ${shown(state)}, ${restarts} restarts${message === '' ? '' : `: ${shown(message)}`}`
  if (log === undefined) return [head]
  return log.result === 'denied' ? [head, '    its log may not be read'] : [head, ...log.lines.map((line) => `    | ${line}`)]
}

function logBlock({ pod, container, log }: FailingContainer): Block[] {
  if (log === undefined) return []
  if (log.result === 'denied')
    return [{ kind: 'text', text: `The account may not read the log of ${pod} ${container}: give it the right "logs, get".` }]
  const text = log.lines.length === 0 ? 'It is empty.' : log.lines.join('\n')
  return [{ kind: 'details', title: `Log of ${pod} ${container}, last ${log.lines.length} lines`, text }]
}

function table(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Block[] {
  return rows.length === 0 ? [] : [{ kind: 'table', title, columns, rows }]
}

function imageOf({ image }: FailingContainer): string {
  return image === '' ? '' : `image ${image}`
}

function shown(text: string | null | undefined): string {
  return excerpt(withoutSecrets((text ?? '').trim()).replace(/\s+/g, ' '), longestMessage)
}

/** Of the day, in UTC; a report is of the last minutes. */
function timeOf(at: number | undefined): string {
  return at === undefined ? '' : new Date(at).toISOString().slice(11, 19)
}
