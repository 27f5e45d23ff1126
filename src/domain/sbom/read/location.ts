import { isDigest } from '../../../base/digest.ts'
import type { Location } from '../../packages/package.ts'

/** A place as documents write it: without the slash at the beginning; what is no digest is no layer. */
export function locationOf(path: string, layer: string | undefined): Location {
  return { path: path.replace(/^\/+/, ''), ...(layer !== undefined && isDigest(layer) ? { layer } : {}) }
}
