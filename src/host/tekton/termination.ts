/** A result as Tekton's entrypoint reads it from its file. */
export interface Result {
  readonly name: string
  readonly value: string
}

interface Entry {
  readonly key: string
  readonly value: string
  readonly type: number
}

/** pkg/result/result.go: what the task gives, and what Tekton says about the step. */
const resultTypes = { task: 1, internal: 3 } as const

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
  const started = options.utc ? '2006-01-02T15:04:05.000Z' : '2006-01-02T15:04:05.000+07:00'
  const entries = [
    ...results.map(({ name, value }) => ({ key: name, value, type: resultTypes.task })),
    { key: 'StartedAt', value: started, type: resultTypes.internal },
    ...(options.failed ? [{ key: 'ExitCode', value: '130', type: resultTypes.internal }] : []),
  ]
  return entries.reduce((sum, entry) => sum + entrySize(entry) + ','.length, '[]'.length - ','.length)
}

function entrySize({ key, value, type }: Entry): number {
  return `{"key":,"value":,"type":${type}}`.length + stringSize(key) + stringSize(value)
}

/** encoding/json of Go writes more as escapes than JSON.stringify does: `<`, `>`, `&` and the two line separators. */
function stringSize(text: string): number {
  const json = JSON.stringify(text.toWellFormed())
  return Buffer.byteLength(json.replace(/[<>&\u2028\u2029]/g, '\\u0000'))
}
