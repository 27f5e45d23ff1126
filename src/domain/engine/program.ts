import { TaskError } from '../../base/errors.ts'
import { processNotFound } from '../../io/errors.ts'
import type { ProcessRequest } from '../../spec/ports.ts'
import { environmentOf } from './environment.ts'
import { engineTimeout } from './errors.ts'
import { failureOf, lastWords } from './failure.ts'
import type { EnginePorts } from './request.ts'

/** Milliseconds that a question to an engine may take. */
const patience = 30_000

/** What an engine answered, or why it did not. */
export type Answer = { readonly said: string } | { readonly absent: string }

/** Asks a program something that it answers at once; one that is not there, fails or hangs is no error. */
export async function ask(argv: readonly string[], ports: EnginePorts): Promise<Answer> {
  const [program = ''] = argv
  try {
    const result = await ports.process.run({ argv, env: environmentOf(ports), timeout: patience })
    if (result.code === 0) return { said: result.stdout }
    return { absent: result.timedOut ? `${program} did not answer within ${patience / 1000} s` : `${program} says: ${lastWords(result)}` }
  } catch (error) {
    if (processNotFound.is(error)) return { absent: `${program} is not on PATH` }
    if (error instanceof TaskError) return { absent: error.message }
    throw error
  }
}

export interface Work extends Pick<ProcessRequest, 'argv' | 'cwd'> {
  /** Milliseconds. */
  readonly timeout?: number | undefined
  /** Over those that the environment gives. */
  readonly env?: Readonly<Record<string, string>>
}

/** Runs the engine with its output in the log. @throws SW-DOCKERFILE-FAILED, SW-ENGINE-TIMEOUT, SW-ENGINE-UNFIT, SW-ENGINE-MISSING, SW-DISK-FULL */
export async function work({ env, timeout, ...request }: Work, ports: EnginePorts): Promise<void> {
  const limit = timeout === undefined ? {} : { timeout }
  const result = await ports.process.run({ ...request, ...limit, env: { ...environmentOf(ports), ...env }, echo: true })
  const name = request.argv.slice(0, 2).join(' ')
  if (result.timedOut) throw engineTimeout(`${name} was ended after ${(timeout ?? 0) / 1000} s.`)
  if (result.code !== 0) throw failureOf(name, result)
}
