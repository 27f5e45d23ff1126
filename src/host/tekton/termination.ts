/** A result as Tekton's entrypoint reads it from its file. */
export interface Result {
  readonly name: string
  readonly value: string
}

/** What the entrypoint tells the controller (tektoncd/pipeline pkg/result/result.go). */
export interface Entry {
  readonly key: string
  readonly value: Uint8Array
  /** 1 a result of the Task, 3 Tekton's own, 4 a result of the step. */
  readonly type: 1 | 3 | 4
}

/** Bytes: of one container's message, and of those of all containers of a pod (kubelet, MaxPodTerminationMessageLogLength). */
const limits = { container: 4096, pod: 12 * 1024 } as const

/**
 * Bytes that the step may leave in its termination message. The kubelet divides what it allows a pod by its containers; Tekton
 * adds two to the steps, `prepare` and `working-dir-initializer`. Sidecars that a cluster injects are not known here.
 */
export function messageLimit(steps: number): number {
  return Math.min(limits.container, Math.floor(limits.pod / (steps + 2)))
}

/**
 * Bytes of the termination message with these results, as tektoncd/pipeline writes it (cmd/entrypoint, pkg/termination/write.go):
 * a JSON array with the results and the time at which the step started; where a failed step may be continued, its exit code too.
 */
export function messageSize(results: readonly Result[], options: { readonly failed: boolean; readonly utc: boolean }): number {
  const own = (key: string, value: string): Entry => ({ key, value: Buffer.from(value), type: 3 })
  return Buffer.byteLength(
    encodeMessage([
      ...results.map(({ name, value }): Entry => ({ key: name, value: Buffer.from(value), type: 1 })),
      own('StartedAt', options.utc ? '2006-01-02T15:04:05.000Z' : '2006-01-02T15:04:05.000+07:00'),
      ...(options.failed ? [own('ExitCode', '130')] : []),
    ]),
  )
}

/** The JSON that Go writes. */
export function encodeMessage(entries: readonly Entry[]): string {
  return `[${entries.map(({ key, value, type }) => `{"key":${goString(Buffer.from(key))},"value":${goString(value)},"type":${type}}`).join(',')}]`
}

/** Whether pkg/termination/write.go takes it. */
export function fits(message: string): boolean {
  return Buffer.byteLength(message) <= limits.container
}

/** What is left of a message in the pod's status: the kubelet cuts it at a container's share of the pod's limit. */
export function recordedMessage(message: string, containers: number): string {
  return Buffer.from(message)
    .subarray(0, Math.floor(limits.pod / containers))
    .toString()
}

/** The results in a recorded message; undefined when it was cut, and is no JSON any more. */
export function readResults(message: string): ReadonlyMap<string, string> | undefined {
  try {
    const entries = JSON.parse(message) as { key: string; value: string; type: number }[]
    return new Map(entries.filter(({ type }) => type !== 3).map(({ key, value }) => [key, value]))
  } catch {
    return undefined
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** encoding/json of Go 1.22 and later, with its escapes for HTML; each byte that is not UTF-8 becomes `\ufffd`. */
function goString(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; ) {
    const length = runeLength(bytes, at)
    const character = Buffer.from(bytes.subarray(at, at + Math.max(1, length))).toString()
    text += length === 0 ? '\\ufffd' : (escapes[character] ?? escapeOf(character))
    at += Math.max(1, length)
  }
  return `"${text}"`
}

function escapeOf(character: string): string {
  return /[\u0000-\u001f<>&\u2028\u2029]/.test(character) ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}` : character
}

/** Bytes of the character at a place; 0 where none is encoded (RFC 3629: no overlong forms, no surrogates). */
function runeLength(bytes: Uint8Array, at: number): number {
  for (const length of [1, 2, 3, 4]) {
    const piece = bytes.subarray(at, at + length)
    if (piece.length === length && isOneCharacter(piece)) return length
  }
  return 0
}

function isOneCharacter(bytes: Uint8Array): boolean {
  try {
    return [...new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)].length === 1
  } catch {
    return false
  }
}
