import type { Context, InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

/** What every step of the task works on. */
export interface Scene {
  readonly input: InputOf<typeof task>
  readonly context: Context
  /** Absolute, without symbolic links. */
  readonly workspace: string
  /** Absolute: the working directory. */
  readonly project: string
}
