import type { FileFacts } from './file-facts.ts'

/** Milliseconds in which two changes may get the same time: of Linux's clock for files, and of file systems with whole seconds. */
const tick = { fine: 20, coarse: 2000 }

type Facts = Pick<FileFacts, 'device' | 'inode' | 'size' | 'modified' | 'changed'>

/**
 * What the content of a file is known by: the same for as long as nobody writes to it, on this machine. Undefined when it
 * changed so shortly before `now` (milliseconds since 1970) that another change would not show (git's "racy" files).
 */
export function stampOf(facts: Facts, now = Date.now()): string | undefined {
  const youngest = Math.max(facts.modified, facts.changed)
  const slack = Number.isInteger(facts.changed / 1000) ? tick.coarse : tick.fine
  return youngest < now - slack ? identityOf(facts) : undefined
}

/** One file in one state. The time of change is in it, which no program can set back. */
export function identityOf({ device, inode, size, modified, changed }: Facts): string {
  return `${device}:${inode}:${size}:${modified}:${changed}`
}
