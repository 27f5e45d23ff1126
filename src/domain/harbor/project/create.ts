import type { Place } from './kind.ts'
import { metadataBody, metadataKind } from './metadata.ts'
import { quotaKind } from './quota.ts'
import { registryNumber } from './registries.ts'
import type { ProjectSettings } from './schema.ts'

/**
 * Makes a project with what Harbor takes along. It drops the rest without a word, an allowlist always and a quota of whoever is no
 * administrator: that is read back, and set by calls of its own. @throws SW-HARBOR-CONFLICT when there is one of the name
 */
export async function createProject(
  { harbor, secrets }: Place,
  { name, settings }: { name: string; settings: ProjectSettings },
): Promise<void> {
  const metadata = (metadataKind.wanted(settings, secrets) ?? []).map((wanted) => ({ name: wanted.name, after: wanted.value }))
  const [quota] = quotaKind.wanted(settings, secrets) ?? []
  const upstream = settings['proxy-cache']
  const body = {
    project_name: name,
    metadata: metadataBody([{ name: 'public', after: false }, ...metadata]),
    ...(quota === undefined ? {} : { storage_limit: quota.value }),
    ...(upstream === undefined ? {} : { registry_id: await registryNumber(harbor, upstream) }),
  }
  await harbor.send({ method: 'POST', path: '/projects', body, doing: `make the project ${name}`, needs: '`project:create` of the system' })
}
