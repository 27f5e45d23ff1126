import type { Redactor } from '../base/redact.ts'
import { neutraliseLine } from '../base/untrusted.ts'
import type { Host } from '../spec/host.ts'
import type { Printer } from './printer.ts'

/** What a host does where text is only text and a task runs once: a group is a title above its lines, nothing is remembered. */
export function plainText({
  printer,
  redactor,
}: {
  readonly printer: Printer
  readonly redactor: Redactor
}): Pick<Host, 'group' | 'remember' | 'remembered' | 'write'> {
  return {
    group(title, part) {
      printer.gap()
      printer.line(neutraliseLine(redactor.redact(title)))
      return part()
    },
    remember: () => undefined,
    remembered: () => undefined,
    write: (text) => printer.piece(text),
  }
}
