import { allowlistKind } from './allowlist.ts'
import { immutabilityKind } from './immutability.ts'
import type { Kind } from './kind.ts'
import { labelsKind } from './labels.ts'
import { groupsKind, membersKind } from './members.ts'
import { metadataKind } from './metadata.ts'
import { quotaKind } from './quota.ts'
import { retentionKind } from './retention.ts'
import { webhooksKind } from './webhooks.ts'

/** The settings of a project, in the order in which they are written. */
export const kindsOfProject: readonly Kind[] = [
  metadataKind,
  quotaKind,
  allowlistKind,
  membersKind,
  groupsKind,
  labelsKind,
  immutabilityKind,
  retentionKind,
  webhooksKind,
]
