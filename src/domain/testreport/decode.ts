import { TextDecoder } from 'node:util'

/** The name of the encoding that a file's first bytes show: byte order mark, UTF-16 without one, XML declaration; else UTF-8. */
function encodingOf(head: Uint8Array): string {
  const [first, second, third] = head
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  // What Windows PowerShell's `>` writes, when the mark was cut off.
  if (first !== undefined && first !== 0 && second === 0) return 'utf-16le'
  if (first === 0 && second !== undefined && second !== 0) return 'utf-16be'
  return declaredEncoding(head) ?? 'utf-8'
}

/** A decoder that never fails: bytes that are not of the encoding become U+FFFD, the byte order mark is dropped. */
export function decoderFor(head: Uint8Array): TextDecoder {
  return new TextDecoder(encodingOf(head))
}

function declaredEncoding(head: Uint8Array): string | undefined {
  const start = Buffer.from(head.subarray(0, 200)).toString('latin1')
  const [, declared] = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([\w.-]{1,40})["']/.exec(start) ?? []
  // A file that can be read so far is not UTF-16, whatever it declares: .NET tools say so and then write UTF-8.
  return declared === undefined || /^utf-?16/i.test(declared) || !isKnown(declared) ? undefined : declared
}

function isKnown(encoding: string): boolean {
  try {
    return new TextDecoder(encoding).encoding !== ''
  } catch {
    return false
  }
}
