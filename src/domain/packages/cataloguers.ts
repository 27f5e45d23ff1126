import type { Cataloguer } from './cataloguer.ts'
import { npmPackage } from './languages/npm.ts'
import { apk } from './system/apk.ts'
import { dpkg } from './system/dpkg.ts'
import { osRelease } from './system/os-release.ts'

/** All that we know of, each file being read by the first that wants it. */
export const cataloguers: readonly Cataloguer[] = [osRelease, dpkg, apk, npmPackage]
