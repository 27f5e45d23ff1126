import type { Kind } from './kind.ts'
import { metadataKind } from './metadata.ts'
import { quotaKind } from './quota.ts'

/** The settings of a project, in the order in which they are written. */
export const kindsOfProject: readonly Kind[] = [metadataKind, quotaKind]
