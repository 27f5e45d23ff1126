import type { Digest } from '../../base/digest.ts'
import type { Inventory } from '../../domain/packages/package.ts'
import type { Bill } from '../../domain/sbom/bill.ts'
import type { SbomDocument } from '../../domain/sbom/read/document.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

export type Input = InputOf<typeof task>
export type SbomContext = Context<'subject'>

/** Something whose packages are listed. */
export interface Listed {
  readonly bill: Bill
  /** What its files are called, without an ending. */
  readonly name: string
  /** What people call it: `linux/arm64`, a folder, a file. */
  readonly title: string
  /** The image that it is recorded for. */
  readonly image?: { readonly digest: Digest; readonly platform: string }
  /** The SBOM that it is from. */
  readonly original?: { readonly text: string; readonly document: SbomDocument }
}

/** RFC 3339 in whole seconds, of milliseconds since 1970 or of a text; what is no time before the year 10000 is 1970. */
export function timestamp(time: number | string | undefined): string {
  const date = new Date(time ?? 0)
  const isTime = date.getTime() >= 0 && date.getTime() < Date.UTC(10_000, 0)
  return `${(isTime ? date : new Date(0)).toISOString().slice(0, 19)}Z`
}

/** The time that was asked for: the input's, else that of SOURCE_DATE_EPOCH; in milliseconds. */
export function epochOf({ sourceDateEpoch }: Input, { environment }: SbomContext): number | undefined {
  const epoch = sourceDateEpoch ?? environment['SOURCE_DATE_EPOCH']
  return epoch === undefined ? undefined : Number(epoch) * 1000
}

/** All that could not be read, with what it is of. */
export function unscannableOf(listed: readonly Listed[]): readonly (Inventory['unscannable'][number] & { readonly title: string })[] {
  return listed.flatMap(({ title, bill }) => bill.inventory.unscannable.map((one) => ({ title, ...one })))
}
