import type { ReportFault } from './model.ts'

/** How much of one report is read and kept. Text in UTF-16 units. */
export interface Limits {
  readonly bytes: number
  readonly cases: number
  /** Elements within elements, subtests within subtests. */
  readonly depth: number
  /** One message, or the details of one failure; what is longer is cut with a remark. */
  readonly message: number
  /** All messages and details of a report together; later ones are dropped. */
  readonly text: number
}

export const defaultLimits: Limits = {
  bytes: 256 * 1024 * 1024,
  cases: 1_000_000,
  depth: 256,
  message: 64 * 1024,
  text: 64 * 1024 * 1024,
}

/** Thrown by a reader that cannot go on; what it has found so far stays. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly fault: ReportFault

  constructor(kind: ReportFault['kind'], message: string, line?: number) {
    super(message)
    this.fault = { kind, message, line }
  }
}
