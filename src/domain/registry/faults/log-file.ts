import { appendLine } from '../../../io/files.ts'
import type { LogEntry } from './request-log.ts'

/** Appends requests to a file of JSON lines, in the order of their ends. */
export interface LogFile {
  add(entry: LogEntry): void
  /** Waits for what was added. */
  close(): Promise<void>
}

/** A file that cannot be written is told once, and nothing more is written to it. */
export function openLogFile(path: string, onError: (error: unknown) => void): LogFile {
  let written: Promise<boolean> = Promise.resolve(true)
  const append = async (entry: LogEntry): Promise<boolean> => {
    try {
      await appendLine(path, JSON.stringify(entry), { mode: 0o644 })
      return true
    } catch (error) {
      onError(error)
      return false
    }
  }
  return {
    add: (entry) => {
      written = written.then((isOpen) => isOpen && append(entry))
    },
    close: async () => void (await written),
  }
}
