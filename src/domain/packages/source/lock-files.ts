import type { LockFile } from './lock-file.ts'
import { packageLock } from './npm/package-lock.ts'

/** All that we know of; of one folder several may be there, and all are read. */
export const lockFiles: readonly LockFile[] = [packageLock]
