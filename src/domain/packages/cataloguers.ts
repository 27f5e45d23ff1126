import { binaries } from './binaries.ts'
import type { Cataloguer } from './cataloguer.ts'
import { composer } from './languages/composer.ts'
import { gem } from './languages/gem.ts'
import { java } from './languages/java.ts'
import { npmPackage } from './languages/npm.ts'
import { nuget } from './languages/nuget.ts'
import { pythonPackage } from './languages/python.ts'
import { apk } from './system/apk.ts'
import { debianCopyright } from './system/debian-copyright.ts'
import { dpkg } from './system/dpkg.ts'
import { osRelease } from './system/os-release.ts'
import { rpm } from './system/rpm.ts'

/** All that we know of, each file being read by the first that wants it; `binaries` wants whatever is left. */
export const cataloguers: readonly Cataloguer[] = [
  osRelease,
  dpkg,
  debianCopyright,
  apk,
  rpm,
  npmPackage,
  pythonPackage,
  java,
  gem,
  composer,
  nuget,
  binaries,
]
