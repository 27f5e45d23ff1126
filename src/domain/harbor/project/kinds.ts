import { allowlistKind } from './allowlist.ts'
import { immutabilityKind } from './immutability.ts'
import type { Kind, Place } from './kind.ts'
import { labelsKind } from './labels.ts'
import { groupsKind, membersKind } from './members.ts'
import { metadataKind } from './metadata.ts'
import { preheatKind } from './preheat.ts'
import { proxyCacheKind } from './proxy-cache.ts'
import { quotaKind } from './quota.ts'
import { registriesKind } from './registries.ts'
import { replicationKind } from './replication.ts'
import { retentionKind } from './retention.ts'
import { robotsKind } from './robots.ts'
import type { ProjectFile } from './schema.ts'
import { webhooksKind } from './webhooks.ts'

/** The settings of a project, in the order in which they are written. */
export const kindsOfProject: readonly Kind[] = [
  proxyCacheKind,
  metadataKind,
  quotaKind,
  allowlistKind,
  membersKind,
  groupsKind,
  labelsKind,
  immutabilityKind,
  retentionKind,
  webhooksKind,
  preheatKind,
  robotsKind,
]

/** What belongs to no project; written first, since projects name registries. */
export const kindsOfSystem: readonly Kind<Place, ProjectFile>[] = [registriesKind, replicationKind]
