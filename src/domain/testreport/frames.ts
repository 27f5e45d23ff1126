/** A place that a failure's text names. */
export interface Frame {
  /** As written: absolute, relative, a bare name, or a `file:` URL. */
  readonly file: string
  readonly line: number
  readonly column?: number | undefined
  /** The Java class that the frame is in; its `file` then begins with the folders of the package. */
  readonly owner?: string | undefined
}

type Pattern = readonly [RegExp, (groups: readonly string[]) => Frame]

const patterns: readonly Pattern[] = [
  // Java, Kotlin, Groovy, Scala: `at java.base/com.acme.CartTest.adds(CartTest.java:12)`
  [/^\s*at (?:[\w.@-]+\/{1,2}){0,3}([\w.$]+)\.[^()]*\(([\w$.-]+\.(?:java|kt|groovy|scala)):(\d{1,7})\)/, javaFrame],
  // .NET: `at Ns.Class.Method() in /src/File.cs:line 12`
  [/ in (\S.*):line (\d{1,7})\s*$/, ([file = '', line = '']) => ({ file, line: Number(line) })],
  // Python: `File "/src/file.py", line 12, in test`
  [/^\s*File "([^"]+)", line (\d{1,7})/, ([file = '', line = '']) => ({ file, line: Number(line) })],
  // Perl: `at t/cart.t line 12.`
  [/ at (\S+) line (\d{1,7})\.?$/, ([file = '', line = '']) => ({ file, line: Number(line) })],
  // Node in brackets, where paths may hold blanks: `at test (file:///src/a b/file.js:3:11)`
  [/\(((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()]*):(\d{1,7}):(\d{1,7})\)\s*$/, lineAndColumn],
  // All others: `file_test.go:12: …`, `tests/test_a.py:6: AssertionError`, `panicked at src/lib.rs:10:5:`, `❯ cart.test.ts:5:15`
  [/(?:^|[\s('"])((?:file:\/\/)?(?:[A-Za-z]:)?[^\s():'"]+\.\w{1,8}):(\d{1,7})(?::(\d{1,7}))?(?=[\s):,'"]|$)/, lineAndColumn],
]

/** Surefire joins the lines of a stack trace that it cannot write as CDATA. */
const lineEnd = /\n|(?=\tat )/

const longestLine = 1000
const mostFrames = 200

/** The places in a failure's text, in its order, one a line. */
export function framesOf(text: string): Frame[] {
  const frames: Frame[] = []
  for (const line of text.split(lineEnd)) {
    const frame = line.length > longestLine ? undefined : frameOf(line)
    if (frame !== undefined) frames.push(frame)
    if (frames.length >= mostFrames) break
  }
  return frames
}

function frameOf(line: string): Frame | undefined {
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(line)
    if (match !== null) return make(match.slice(1))
  }
  return undefined
}

function lineAndColumn([file = '', line = '', column]: readonly string[]): Frame {
  return { file, line: Number(line), column: column === undefined ? undefined : Number(column) }
}

function javaFrame([owner = '', file = '', line = '']: readonly string[]): Frame {
  return { file: [...owner.split('.').slice(0, -1), file].join('/'), line: Number(line), owner }
}
