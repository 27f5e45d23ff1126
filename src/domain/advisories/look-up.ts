import { resolve } from 'node:path'
import { type Answers, readDatabase } from './database.ts'
import type { Coordinates } from './ecosystem.ts'
import { databaseMissing } from './errors.ts'
import { askService } from './remote/api.ts'
import { askArchives, placeholder } from './remote/archives.ts'
import type { RemotePorts } from './remote/ports.ts'

/** What a database may be reached through: relative paths start from the workspace. */
export interface LookUpPorts extends Omit<RemotePorts, 'folder'> {
  readonly workspace: string
  /** Makes the private folder for what is fetched, when something is. */
  folder(): Promise<string>
}

/**
 * Looks packages up in a database: a folder or file, the address of archives, which has `{ecosystem}` in it, or that of a service with the
 * API of OSV. @throws what those do
 */
export async function lookUp(database: string, asked: readonly Coordinates[], ports: LookUpPorts): Promise<Answers> {
  if (!isAddress(database)) return readDatabase(resolve(ports.workspace, database), asked, ports.signal)
  const remote = { ...ports, folder: await ports.folder() }
  if (database.includes(placeholder)) return askArchives(database, asked, remote)
  if (/\.zip$/.test(database))
    throw databaseMissing(`${database} is one archive, expected ${placeholder} in place of the ecosystem's name.`, {
      hint: `database: https://osv-vulnerabilities.storage.googleapis.com/${placeholder}/all.zip`,
    })
  return askService(database, asked, remote)
}

/** Whether an input is an address rather than a path. */
export function isAddress(text: string): boolean {
  return /^https?:\/\//i.test(text)
}
