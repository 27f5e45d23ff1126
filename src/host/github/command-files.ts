import { randomUUID } from 'node:crypto'
import { appendFileSync, statSync } from 'node:fs'
import { systemCode } from '../../base/errors.ts'
import { hostUnwritable } from '../errors.ts'
import type { Environment } from '../process-environment.ts'

/** The files through which a step speaks to the runner. GITHUB_ENV and GITHUB_PATH are not among them, on purpose. */
export type CommandFile = 'GITHUB_OUTPUT' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY'

/** Appends a value under its name, whatever it holds. @throws SW-HOST-UNWRITABLE */
export function appendPair(environment: Environment, file: CommandFile, [name, value]: readonly [string, string]): void {
  const delimiter = delimiterFor(value)
  appendText(environment, file, `${name}<<${delimiter}\n${value}\n${delimiter}\n`)
}

/** @throws SW-HOST-UNWRITABLE */
export function appendText(environment: Environment, file: CommandFile, text: string): void {
  const path = environment[file]
  if (path === undefined || path === '') throw hostUnwritable(`${file} is not set, expected the path of a file that the runner reads.`)
  try {
    appendFileSync(path, text)
  } catch (error) {
    throw hostUnwritable(`Cannot append to ${path} (${file}): ${systemCode(error) ?? 'unknown error'}.`, { cause: error })
  }
}

/** Bytes that the file holds already; 0 when it is not there. */
export function sizeOf(environment: Environment, file: CommandFile): number {
  return statSync(environment[file] ?? '', { throwIfNoEntry: false })?.size ?? 0
}

/** A line that cannot be in the value: not guessable by who wrote it, and looked for all the same. */
function delimiterFor(value: string): string {
  const delimiter = `slipway-${randomUUID()}`
  return value.includes(delimiter) ? delimiterFor(value) : delimiter
}
