import type { ErrorKind, TaskError } from '../base/errors.ts'
import type { Input, ValueOf } from './kind.ts'
import type { Output, OutputValue } from './output.ts'
import type { Block, Ports } from './ports.ts'
import type { ReleaseRecord, Section, Sections } from './record/record.ts'
import type { Rule } from './rules.ts'

export type Inputs = Readonly<Record<string, Input>>
export type Outputs = Readonly<Record<string, Output>>

type Access = 'read' | 'write'

/** The permissions of GITHUB_TOKEN that a task may need, with the reason in its docs. */
export type GithubPermission =
  | 'actions'
  | 'attestations'
  | 'checks'
  | 'contents'
  | 'deployments'
  | 'id-token'
  | 'packages'
  | 'pull-requests'
  | 'security-events'
  | 'statuses'

/** What single hosts need to know beyond the contract. No emitter ever looks at a task's name. */
export interface HostExtras<I extends string = string, O extends string = string> {
  readonly github?: {
    readonly icon: string
    readonly color: 'white' | 'black' | 'yellow' | 'blue' | 'green' | 'orange' | 'red' | 'purple' | 'gray-dark'
  }
  readonly tekton?: {
    /** Requests always, a limit for memory only. */
    readonly resources?: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string }
    /**
     * A first step that runs the user's own program in the user's own image; ours judges in the second.
     * Names the inputs that carry the argv, take the exit code's path, and say that only judging is left.
     */
    readonly userStep?: {
      readonly command: I
      readonly exitCode: I
      readonly judgeOnly: I
      /** The input with the folder that the program starts in, relative to the workspace, whose root it is without one. */
      readonly workingDirectory?: I
      /** Inputs that only matter to whoever runs the program itself: the Task does not have them. */
      readonly omit?: readonly I[]
      readonly defaultImage?: string
    }
    /** A further Task: in its first step a program of the user's image makes what our step then takes over. */
    readonly makerStep?: MakerStep<I>
    /** Further folders that a run may bring: optional workspaces, which Tekton mounts at /workspace/NAME. */
    readonly workspaces?: readonly { readonly name: string; readonly description: string }[]
    /** Whether the keyless token of the service account is mounted, when there is one. */
    readonly identity?: boolean
    /** The outputs that say what was checked out: results `CHAINS-GIT_URL` and `CHAINS-GIT_COMMIT`, which Tekton Chains reads. */
    readonly chainsGit?: { readonly url: O; readonly commit: O }
    /** For what runs in the `finally` of a Pipeline: the inputs that take how the run ended, and how each task did as `name=status`. */
    readonly finally?: { readonly status: I; readonly tasks: I }
    /** Konflux's `TEST_OUTPUT` result (ADR-0030), written by the host from the counts of tests, or from an output that is pass or fail. */
    readonly testOutput?: 'counts' | { readonly verdict: O; readonly warnings: readonly O[] }
    /** The output that is Konflux's `SCAN_OUTPUT` result: that is its name on Tekton. */
    readonly scanOutput?: O
  }
}

/** A program that needs rights which no step of ours has, in a Task of its own. */
export interface MakerStep<I extends string = string> {
  /** kebab-case: the Task's name after `slipway-`. */
  readonly name: string
  readonly summary: string
  /** The page of its docs, relative to the repository. */
  readonly docs: string
  /** What the parameter `image` is. */
  readonly image: string
  /** Its other parameters, which `args` may name as $(params.NAME). */
  readonly params: readonly {
    readonly name: string
    readonly type: 'string' | 'array'
    readonly description: string
    readonly default?: string | readonly string[]
  }[]
  readonly command: readonly string[]
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Capabilities of Linux, without CAP_. */
  readonly capabilities: readonly string[]
  readonly resources: { readonly cpu: string; readonly memory: string; readonly memoryLimit?: string }
  /** Inputs that our step is given with these values. */
  readonly fixed: readonly (readonly [I, string])[]
  /** The input that takes the program's exit code. */
  readonly exitCode: I
  /** Inputs that are parameters of this Task too. */
  readonly keep: readonly I[]
}

/** An input of several values, one of them, and the section that has to be written before. */
export interface Behind<I extends string = string> {
  readonly input: I
  readonly has: string
  readonly section: Section
}

/** The public contract of a task as plain data: emitters, docs, schema, CLI and lint read this and nothing else. */
export interface Definition<
  I extends Inputs = Inputs,
  O extends Outputs = Outputs,
  R extends Section = Section,
  W extends Section = Section,
> {
  /** kebab-case: the action's path, the Tekton name, the dist folder. */
  readonly name: string
  /** One sentence. */
  readonly summary: string
  readonly reads: readonly R[]
  readonly writes: readonly W[]
  /** Values of inputs with which it works on what others have written before: then it is to come behind them, also where they read what it writes. */
  readonly behind?: readonly Behind[]
  /** A road asks it before its first task, once for each task that writes this section, with the inputs that both have. */
  readonly precedes?: Section
  /** Whether it runs also on a record that cannot be read, and then sees none: for what tells of a run that failed. */
  readonly toleratesBrokenRecord?: boolean
  readonly inputs: I
  readonly outputs: O
  readonly rules?: readonly Rule[]
  readonly permissions?: { readonly github?: Readonly<Partial<Record<GithubPermission, Access>>> }
  readonly errors: readonly ErrorKind[]
  /** Variables of the environment that `run` may see, besides its inputs. */
  readonly environment?: readonly string[]
  readonly hosts?: HostExtras
}

/** Declares a task. Its type carries every name, so that a misspelt one does not compile. */
export function defineTask<
  const I extends Inputs,
  const O extends Outputs,
  const R extends Section = never,
  const W extends Section = never,
>(definition: Definition<I, O, R, W> & NamesOf<I, O>): Definition<I, O, R, W> {
  return definition
}

/** The parts of a definition that name its own inputs and outputs. */
interface NamesOf<I, O> {
  readonly behind?: readonly Behind<keyof I & string>[]
  readonly rules?: readonly Rule<keyof I & string>[]
  readonly hosts?: HostExtras<keyof I & string, keyof O & string>
}

export type InputOf<D extends Definition> = { readonly [K in keyof D['inputs']]: ValueOf<D['inputs'][K]> }
export type OutputOf<D extends Definition> = { readonly [K in keyof D['outputs']]: OutputValue<D['outputs'][K]> }

/** The ports, and of the record what the definition reads. */
export interface Context<R extends Section = Section> extends Ports {
  readonly record: { readonly [S in R]?: Sections[S] }
}

type ContextOf<D extends Definition> = Context<D['reads'][number]>
type RecordOf<D extends Definition> = { readonly [S in D['writes'][number]]: Sections[S] }

/** What a run gives back. With a `failure` the outputs and the record are written all the same, then the run fails with it. */
export interface Result<O = unknown, S = unknown> {
  readonly outputs: O
  readonly record: S
  /** One line for the tree, the log and the top of the summary: `24 passed, 1 skipped · coverage 91.2 % (min 80)`. */
  readonly headline?: string
  readonly summary?: readonly Block[]
  /** Own values of the task, kept in the record under its name. */
  readonly own?: ReleaseRecord['own'][string]
  readonly failure?: TaskError
}

/** What a run gives back that was asked to tell and not to do: outputs stay empty, the record stays as it is. */
export interface Told {
  readonly answer: Answer
  readonly headline?: string
}

/** What somebody asked for: shown on a terminal too, where the summary of a task is not. */
export interface Answer {
  readonly blocks: readonly Block[]
  /** The same as figures, for `--json`. */
  readonly data: Json
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined }

/** `R`, where a key that `E` has not is an error. */
type Exact<R, E> = R extends unknown ? { readonly [K in keyof R]: K extends keyof E ? R[K] : never } : never
type ExactResult<R extends Result, D extends Definition> = R & {
  readonly outputs: Exact<R['outputs'], OutputOf<D>>
  readonly record: Exact<R['record'], RecordOf<D>>
}

export type Run<D extends Definition = Definition> = (
  input: InputOf<D>,
  context: ContextOf<D>,
) => Promise<Result<OutputOf<D>, RecordOf<D>> | Told>

/** Binds a function to a task's definition; a missing or undeclared output or section does not compile. */
export function implement<const D extends Definition, R extends Result<OutputOf<D>, RecordOf<D>>>(
  _definition: D,
  run: (input: InputOf<D>, context: ContextOf<D>) => Promise<ExactResult<R, D> | Told>,
): Run<D> {
  return run
}
