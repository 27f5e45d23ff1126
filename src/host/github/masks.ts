import type { Printer } from '../printer.ts'
import { command } from './commands.ts'

/** Has the runner hide a secret in the logs of this and all later steps; it adds encodings of its own. */
export function printMasks(printer: Printer, secret: string): void {
  const lines = secret
    .trim()
    .split(/\r\n|\n|\r/)
    .map((line) => line.trim())
  for (const line of lines) if (isMaskable(line, lines.length)) printer.command(command('add-mask', line))
}

/** Of several lines a short one (a brace, a dash) would make the whole log unreadable, and hide nothing. */
function isMaskable(line: string, lines: number): boolean {
  return lines === 1 ? line !== '' : line.length >= 4
}
