/** Who must act: the caller, the machine or its credentials, a subprocess, a service, or nobody (the answer is no). */
export type Fault = 'input' | 'environment' | 'tool' | 'remote' | 'policy'

/** Exit codes of every entry point: 0 ok, 1 our bug, 2 input, 3 policy, 4 environment, 5 conflict, 6 transient. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6

/** What is known of an error before it happens; printed by `docs/errors.md` and `slipway explain CODE`. */
export interface ErrorDefinition {
  /** Stable, `SW-` and upper-case words joined by `-`. */
  readonly code: `SW-${string}`
  readonly fault: Fault
  /** One sentence: what has failed. */
  readonly title: string
  /** The likely causes, one sentence each. */
  readonly causes: readonly string[]
  /** What to do, as commands or settings. */
  readonly fix: string
  /** Overrides the exit code that follows from `fault`. */
  readonly exit?: ExitCode
  /** Whether an occurrence may be {@link ErrorDetails.retryable}, for the docs. */
  readonly transient?: boolean
}

export interface ErrorDetails {
  /** The command or setting that fixes this very occurrence. */
  readonly hint?: string | undefined
  /** What has not been changed or is kept, so that the reader need not worry. */
  readonly safe?: string | undefined
  /** Whether the same call may succeed later without any change. */
  readonly retryable?: boolean | undefined
  readonly cause?: unknown
}

/** An expected failure: says what failed, the value seen, what was expected, and who must act. */
export class TaskError extends Error {
  override readonly name = 'TaskError'
  readonly code: string
  readonly fault: Fault
  readonly exit: ExitCode
  readonly hint: string | undefined
  readonly safe: string | undefined
  readonly retryable: boolean

  constructor(definition: ErrorDefinition, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = definition.code
    this.fault = definition.fault
    this.retryable = details.retryable ?? false
    this.exit = definition.exit ?? exitOf(definition.fault, this.retryable)
    this.hint = details.hint
    this.safe = details.safe
  }
}

/** Narrower than TaskError, so that the compiler does not take everything else for no TaskError. */
type Known = TaskError & Pick<ErrorDefinition, 'code'>

/** A definition that makes its errors: `throw layoutMissing('No OCI layout at …')`. */
export interface ErrorKind extends ErrorDefinition {
  (message: string, details?: ErrorDetails): TaskError
  /** Whether an unknown thrown value is an error of this kind; one that is not may still be another TaskError. */
  is(error: unknown): error is Known
}

/** Declares an error once; the tasks that may throw it list it under `errors`. */
export function defineError(definition: ErrorDefinition): ErrorKind {
  const make = (message: string, details?: ErrorDetails): TaskError => new TaskError(definition, message, details)
  const is = (error: unknown): error is Known => error instanceof TaskError && error.code === definition.code
  return Object.assign(make, definition, { is })
}

function exitOf(fault: Fault, retryable: boolean): ExitCode {
  if (retryable) return 6
  return ({ input: 2, policy: 3, environment: 4, tool: 4, remote: 4 } as const)[fault]
}

/** The message of anything thrown. By shape, not by class: errors also come from other realms. */
export function messageOf(error: unknown): string {
  return textField(error, 'message') ?? String(error)
}

/** The system error code (`ENOENT`, `EACCES`, …) of anything thrown, or undefined. */
export function systemCode(error: unknown): string | undefined {
  return textField(error, 'code')
}

function textField(error: unknown, name: 'message' | 'code'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  return typeof value === 'string' ? value : undefined
}
