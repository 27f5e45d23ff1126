import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { systemCode } from '../base/errors.ts'
import { processNotFound, processNotStarted } from './errors.ts'

/** The absolute path of a program: with a `/` relative to `cwd`, else the first executable file of that name on PATH. */
export function findProgram(program: string, path: string | undefined, cwd: string): string | undefined {
  return candidates(program, path, cwd).find((candidate) => inspect(candidate) === 'executable')
}

/** As {@link findProgram}; absence is `SW-PROCESS-NOT-FOUND`, a file that is no program `SW-PROCESS-NOT-STARTED`. */
export function requireProgram(program: string, path: string | undefined, cwd: string): string {
  const found = findProgram(program, path, cwd)
  if (found !== undefined) return found
  const present = candidates(program, path, cwd).find((candidate) => inspect(candidate) === 'present')
  if (present !== undefined) {
    throw processNotStarted(`Cannot start ${present}: it is not an executable file.`, { hint: `chmod +x '${present}'` })
  }
  const where = program.includes('/') ? resolve(cwd, program) : `PATH (${path ?? 'not set'})`
  throw processNotFound(`Cannot start ${JSON.stringify(program)}: not found in ${where}.`, {
    hint: program.includes('/')
      ? `The path is relative to ${cwd}; check that the step that makes it has run.`
      : `Install ${program} in this image or runner, or add its folder to PATH.`,
  })
}

function candidates(program: string, path: string | undefined, cwd: string): string[] {
  if (program === '') return []
  if (program.includes('/')) return [resolve(cwd, program)]
  const folders = (path ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(resolve(cwd, folder), program))
}

function inspect(candidate: string): 'executable' | 'present' | 'absent' {
  // In a folder that this user may not enter nothing is there for them: /root/bin on the PATH of user 65532.
  if (!isFile(candidate)) return 'absent'
  try {
    accessSync(candidate, constants.X_OK)
    return 'executable'
  } catch (error) {
    return systemCode(error) === 'EACCES' ? 'present' : 'absent'
  }
}

function isFile(candidate: string): boolean {
  try {
    return statSync(candidate).isFile()
  } catch {
    return false
  }
}
