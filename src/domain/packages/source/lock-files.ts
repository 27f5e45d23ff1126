import { cargoLock } from './cargo-lock.ts'
import { composerLock } from './composer-lock.ts'
import { gemfileLock } from './gemfile-lock.ts'
import { goMod } from './go-mod.ts'
import { gradleLockfile } from './gradle-lockfile.ts'
import type { LockFile } from './lock-file.ts'
import { packageLock } from './npm/package-lock.ts'
import { pnpmLock } from './npm/pnpm-lock.ts'
import { yarnLock } from './npm/yarn-lock.ts'
import { nugetLock } from './nuget-lock.ts'
import { pom } from './pom.ts'
import { pdmLock } from './python/pdm-lock.ts'
import { pipfileLock } from './python/pipfile-lock.ts'
import { poetryLock } from './python/poetry-lock.ts'
import { requirements } from './python/requirements.ts'
import { uvLock } from './python/uv-lock.ts'
import { unreadLock } from './unread.ts'

/** All that we know of; of one folder several may be there, and all are read. */
export const lockFiles: readonly LockFile[] = [
  packageLock,
  pnpmLock,
  yarnLock,
  poetryLock,
  uvLock,
  pdmLock,
  pipfileLock,
  requirements,
  goMod,
  cargoLock,
  pom,
  gradleLockfile,
  nugetLock,
  gemfileLock,
  composerLock,
  unreadLock,
]
