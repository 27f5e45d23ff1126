import { existsSync } from 'node:fs'
import { systemCode, TaskError } from '../base/errors.ts'
import { diskFull, fileFailed, fileKind, fileMissing, fileName, fileUnreadable, fileUnwritable } from './errors.ts'

/** What was being done to a path, for the words of an error. */
export type Access = 'read' | 'write'

/** Turns whatever a file operation throws into a `TaskError` that names the path and the fix. */
export function fileError(error: unknown, access: Access, path: string): TaskError {
  if (error instanceof TaskError) return error
  const code = systemCode(error) ?? 'unknown error'
  const details = { cause: error }
  switch (code) {
    case 'ENOENT':
      return fileMissing(`${verb(access)} ${path} failed: it does not exist.`, {
        ...details,
        hint: `List its folder: ls -la '${parentOf(path)}'`,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return accessError(error, access, path)
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(`Writing ${path} failed: no space left (${code}).`, {
        ...details,
        hint: `See what fills it: df -h '${parentOf(path)}'`,
      })
    case 'EISDIR':
      return fileKind(`${verb(access)} ${path} failed: it is a folder, expected a file.`, details)
    case 'ENOTDIR':
      return fileKind(`${verb(access)} ${path} failed: it, or a part of its path, is not a folder.`, details)
    case 'ENAMETOOLONG':
      return fileName(
        `${verb(access)} ${path} failed: the name has ${Buffer.byteLength(path)} bytes, more than the file system takes.`,
        details,
      )
    case 'ERR_INVALID_ARG_VALUE':
      return fileName(`${verb(access)} ${JSON.stringify(path)} failed: a path cannot contain a NUL character.`, details)
    default:
      return fileFailed(`${verb(access)} ${path} failed: ${code}.`, details)
  }
}

/** Runs a file operation and throws {@link fileError} for what it throws. */
export async function accessing<T>(access: Access, path: string, operation: () => T | Promise<T>): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw fileError(error, access, path)
  }
}

/** As {@link accessing}, without a promise. */
export function accessingSync<T>(access: Access, path: string, operation: () => T): T {
  try {
    return operation()
  } catch (error) {
    throw fileError(error, access, path)
  }
}

function accessError(error: unknown, access: Access, path: string): TaskError {
  const user = process.geteuid?.() ?? 'this user'
  const kind = access === 'read' ? fileUnreadable : fileUnwritable
  const readOnly = systemCode(error) === 'EROFS'
  const seen = readOnly ? 'the file system is read-only' : `user ${user} may not ${access} it (${systemCode(error)})`
  return kind(`${verb(access)} ${path} failed: ${seen}.`, {
    cause: error,
    hint: readOnly
      ? 'Mount a writable volume there, or point the task to another folder.'
      : `chmod -R a+r${access === 'read' ? '' : 'w'}X '${nearest(path)}', or on Tekton set taskRunTemplate.podTemplate.securityContext.fsGroup: 65532 in the PipelineRun.`,
  })
}

/** What there is to change the mode of: the path, or the folder that it could not be made in. */
function nearest(path: string): string {
  return existsSync(path) || parentOf(path) === path ? path : nearest(parentOf(path))
}

function verb(access: Access): string {
  return access === 'read' ? 'Reading' : 'Writing'
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
