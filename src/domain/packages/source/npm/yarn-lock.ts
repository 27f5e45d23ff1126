import type { Told } from '../../cataloguer.ts'
import { lockFile } from '../lock-file.ts'
import { yarnBerry } from './yarn-berry.ts'
import { yarnClassic } from './yarn-classic.ts'

/** `yarn.lock` of every version. It does not say what is only for development: all is listed. */
export const yarnLock = lockFile(
  'yarn.lock',
  (content): Told => ({ packages: /^__metadata:/m.test(content) ? yarnBerry(content) : yarnClassic(content) }),
)
