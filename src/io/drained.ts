import type { Writable } from 'node:stream'

/** Resolves when a stream takes more, or never will: whoever owns it learns its error. */
export function drained(target: Writable): Promise<void> {
  if (target.destroyed) return Promise.resolve()
  return new Promise((resolve) => {
    const done = (): void => {
      target.off('drain', done).off('close', done)
      resolve()
    }
    target.on('drain', done).on('close', done)
  })
}
