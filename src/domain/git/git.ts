import { TaskError } from '../../base/errors.ts'
import { processNotFound } from '../../io/errors.ts'
import type { Clock, Log, Processes, ProcessRequest, ProcessResult, Progress, Secrets } from '../../spec/ports.ts'
import { basic, type GitSettings, gitEnvironment } from './environment.ts'
import { gitMissing } from './errors.ts'
import { failureOf } from './failure.ts'

export interface GitPorts {
  readonly process: Processes
  readonly clock: Clock
  readonly log: Log
  readonly progress: Progress
  readonly secrets: Secrets
}

/** git in one work tree. Arguments come before a `--` of the caller's, names and addresses behind it. */
export interface Git {
  readonly settings: GitSettings
  /** Standard output of a command that must succeed, without blanks at its ends. */
  run(...args: string[]): Promise<string>
  /** As {@link run}, with an input; standard output goes into a file, byte for byte, where one is named. */
  feed(input: { readonly stdin: string | Uint8Array; readonly stdoutFile?: string }, ...args: string[]): Promise<string>
  /** As {@link run}; undefined when the answer is no (exit code 1). */
  ask(...args: string[]): Promise<string | undefined>
  /** As {@link run}, for what talks to the server: tried again when it cannot be reached. */
  reach(...args: string[]): Promise<string>
}

/** Milliseconds to wait before each further attempt. */
const pauses = [1000, 4000]

/** git with the environment of {@link gitEnvironment}, its failures told apart. */
export function openGit(settings: GitSettings, { process, clock, log, secrets }: GitPorts): Git {
  if (settings.credentials !== undefined) secrets.mask(basic(settings.credentials))
  const env = gitEnvironment(settings)
  const start = async (args: readonly string[], input: Pick<ProcessRequest, 'stdin' | 'stdoutFile'> = {}): Promise<ProcessResult> => {
    try {
      return await process.run({ argv: ['git', ...args], cwd: settings.folder, env, ...input })
    } catch (error) {
      if (!processNotFound.is(error)) throw error
      throw gitMissing(error.message, { hint: 'Use the image of Slipway, or install git: apt-get install git', cause: error })
    }
  }
  const feed: Git['feed'] = async (input, ...args) => {
    const result = await start(args, input)
    if (result.code === 0) return result.stdout.trim()
    throw failureOf(subcommandOf(args), result, settings)
  }
  const run = async (...args: string[]): Promise<string> => {
    const result = await start(args)
    if (result.code === 0) return result.stdout.trim()
    throw failureOf(subcommandOf(args), result, settings)
  }
  const ask = async (...args: string[]): Promise<string | undefined> => {
    const result = await start(args)
    if (result.code === 1) return undefined
    if (result.code === 0) return result.stdout.trim()
    throw failureOf(subcommandOf(args), result, settings)
  }
  const reach = async (...args: string[]): Promise<string> => {
    for (const pause of pauses) {
      try {
        return await run(...args)
      } catch (error) {
        if (!(error instanceof TaskError) || !error.retryable) throw error
        log.warn('the repository could not be reached; trying again', { milliseconds: pause, reason: error.message })
        await clock.sleep(pause)
      }
    }
    return run(...args)
  }
  return { settings, run, feed, ask, reach }
}

/** The first that is no setting: `-c name=value` comes before it. */
function subcommandOf(args: readonly string[]): string {
  return args.find((arg, place) => arg !== '-c' && args[place - 1] !== '-c') ?? ''
}
