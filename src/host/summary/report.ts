import type { Redactor } from '../../base/redact.ts'
import type { Definition } from '../../spec/define.ts'
import type { Ending } from '../../spec/host.ts'
import type { Block } from '../../spec/ports.ts'

/** What a task has to say at its end. */
export interface Report {
  readonly task: string
  readonly failed: boolean
  readonly headline?: string | undefined
  /** As {@link Ending.failure}. */
  readonly failure?: string | undefined
  readonly blocks: readonly Block[]
}

/** The report of a task that has ended, without secrets: once it is rendered, escapes could hide one from the redactor. */
export function reportOf({ name }: Definition, { failed, headline, failure, summary }: Ending, redactor: Redactor): Report {
  const redact = (text: string): string => redactor.redact(text)
  return {
    task: name,
    failed,
    headline: headline === undefined ? undefined : redact(headline),
    failure: failure === undefined ? undefined : redact(failure),
    blocks: summary.map((block) => redactBlock(block, redact)),
  }
}

function redactBlock(block: Block, redact: (text: string) => string): Block {
  if (block.kind === 'text' || block.kind === 'heading') return { ...block, text: redact(block.text) }
  if (block.kind === 'details') return { ...block, title: redact(block.title), text: redact(block.text) }
  const { kind, title, columns, rows } = block
  return {
    kind,
    ...(title === undefined ? {} : { title: redact(title) }),
    columns: columns.map(redact),
    rows: rows.map((row) => row.map(redact)),
  }
}
