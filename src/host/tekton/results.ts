import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { systemCode } from '../../base/errors.ts'
import { kebab, resultVariable } from '../../base/names.ts'
import { parseReference } from '../../base/reference.ts'
import type { Definition } from '../../spec/define.ts'
import { outputTooLarge } from '../../spec/errors.ts'
import type { Ending } from '../../spec/host.ts'
import { hostUnwritable } from '../errors.ts'
import type { Environment } from '../process-environment.ts'
import { unwritableHint } from '../summary/file.ts'
import { messageLimit, messageSize } from './termination.ts'
import { testOutput, verdictOutput } from './test-output.ts'

interface ResultFile {
  readonly path: string
  readonly value: string
}

/** Makes every result exist, empty, as far as it can: a step that is killed must not leave its pipeline without them. */
export function blankResults(environment: Environment): void {
  for (const [name, path] of Object.entries(environment)) {
    if (!name.startsWith('RESULT_') || !path) continue
    try {
      write({ path, value: '' })
    } catch {
      // Said when the results are written: then the task's own failure, if there is one, has been told first.
    }
  }
}

/**
 * Writes every result whose path the Task gives, without a line feed at its end. When they do not fit, all are left empty.
 * @throws SW-OUTPUT-TOO-LARGE, SW-HOST-UNWRITABLE
 */
export function writeResults(
  definition: Definition,
  ending: Ending,
  { environment, now }: { environment: Environment; now: number },
): void {
  const files = [...valuesOf(definition, ending, now)].flatMap(([name, value]) => {
    const path = environment[resultVariable(name)]
    return path === undefined || path === '' ? [] : [{ path, value }]
  })
  const limit = messageLimit(definition.hosts?.tekton?.userStep === undefined ? 1 : 2)
  const utc = new Date(now).getTimezoneOffset() === 0
  const size = messageSize(
    files.map(({ path, value }) => ({ name: basename(path), value })),
    { failed: ending.failed, utc },
  )
  if (size > limit) {
    for (const { path } of files) write({ path, value: '' })
    throw tooLarge(files, { size, limit })
  }
  for (const file of files) write(file)
}

/** The outputs, and the results that other programs look for by name. */
function valuesOf(definition: Definition, ending: Ending, now: number): ReadonlyMap<string, string> {
  const values = new Map(ending.outputs)
  const image = Object.entries(definition.outputs).find(([, { kind }]) => kind === 'image')
  if (image !== undefined) {
    const reference = parseReference(ending.outputs.get(image[0]) ?? '')
    const known = 'registry' in reference && reference.digest !== undefined
    values.set('IMAGE_URL', known ? `${reference.registry}/${reference.repository}` : '')
    values.set('IMAGE_DIGEST', known ? (reference.digest ?? '') : '')
  }
  const git = definition.hosts?.tekton?.chainsGit
  if (git !== undefined) {
    values.set('CHAINS-GIT_URL', ending.outputs.get(kebab(git.url)) ?? '')
    values.set('CHAINS-GIT_COMMIT', ending.outputs.get(kebab(git.commit)) ?? '')
  }
  const { scanOutput, testOutput: judged } = definition.hosts?.tekton ?? {}
  if (scanOutput !== undefined) values.set('SCAN_OUTPUT', ending.outputs.get(kebab(scanOutput)) ?? '')
  if (judged !== undefined) values.set('TEST_OUTPUT', judged === 'counts' ? testOutput(ending, now) : verdictOutput(ending, judged, now))
  return values
}

function write({ path, value }: ResultFile): void {
  try {
    writeFileSync(path, value)
  } catch (error) {
    throw hostUnwritable(`The result file ${path} cannot be written: ${systemCode(error) ?? 'unknown error'}.`, {
      cause: error,
      hint: unwritableHint(error),
    })
  }
}

function tooLarge(files: readonly ResultFile[], { size, limit }: { readonly size: number; readonly limit: number }): Error {
  const largest = files
    .map(({ path, value }) => ({ name: basename(path), bytes: Buffer.byteLength(value) }))
    .sort((a, b) => b.bytes - a.bytes)
  const named = largest
    .slice(0, 5)
    .map(({ name, bytes }) => `${name} ${bytes}`)
    .join(', ')
  return outputTooLarge(
    `The results make a termination message of ${size} bytes, expected at most ${limit}. The largest, in bytes: ${named}.`,
    {
      safe: 'all results were left empty; the values are in .slipway/record.json',
    },
  )
}
