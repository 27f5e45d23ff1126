import { join } from 'node:path'
import { ensureFolder, exists, list, writeAtomic } from '../../io/files.ts'
import { registryFolder } from './errors.ts'

const marker = 'slipway-registry.json'

/** Makes a folder a registry's, or sees that it is one: what is in any other must not be touched. Throws SW-REGISTRY-FOLDER. */
export async function claimFolder(root: string): Promise<void> {
  await ensureFolder(root)
  if (await exists(join(root, marker))) return
  const [first] = (await list(root)).filter(({ name }) => !name.startsWith(`.${marker}`))
  if (first !== undefined) throw registryFolder(`${root} is not a registry’s folder and not empty: it has ${JSON.stringify(first.name)}.`)
  await writeAtomic(join(root, marker), '{"version":1}\n', { mode: 0o644 })
}
