import type { Redactor } from '../base/redact.ts'
import type { Definition } from './define.ts'
import type { RawInputs } from './parse-inputs.ts'
import type { Annotation, Block, Http, Identity, Log, Source } from './ports.ts'

/** How a task ended, as the host shows it. */
export interface Ending {
  readonly outputs: ReadonlyMap<string, string>
  readonly headline?: string | undefined
  /** What failed, in lines: code, message, fix. Where the log ends with the same it is for the summary alone. */
  readonly failure?: string | undefined
  readonly summary: readonly Block[]
  readonly failed: boolean
}

/** A CI system at run time, or a laptop: where values come from and where they go. The only code that knows the environment. */
export interface Host {
  readonly name: 'github' | 'tekton' | 'local'
  /** Absolute. */
  readonly workspace: string
  /** Absolute: the folder for temporary files, private to the job. */
  readonly temporary: string
  readonly source: Source
  /** The environment as it was at the start; only `process` and what a task declares see any of it. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly redactor: Redactor
  readonly log: Log
  /** The given values of a task, by public name; names that it does not declare included. */
  inputs(definition: Definition): RawInputs
  identity(http: Http): Identity
  mask(value: string): void
  /** A verdict says why the task itself failed: it is shown however many came before. */
  annotate(annotation: Annotation, options?: { readonly isVerdict?: boolean }): void
  /** Runs a part of the work under a heading that the host may fold. */
  group<T>(title: string, part: () => Promise<T>): Promise<T>
  /** Remembers a value for the clean-up that follows even a killed run, where the host has one. */
  remember(name: string, value: string): void
  /** What {@link remember} kept, when this process is that clean-up; undefined in the run itself. */
  remembered(): ReadonlyMap<string, string> | undefined
  /** Writes outputs and summary. @throws SW-OUTPUT-TOO-LARGE */
  finish(definition: Definition, ending: Ending): void
  /** Bytes to the terminal or log, as they are; redacted. */
  write(text: string): void
}
