import { type Cataloguer, type Draft, type Told, wholeBytes } from '../cataloguer.ts'
import { ndbBlobs } from './ndb.ts'
import { parseRpmHeader, type RpmHeader } from './rpm-header.ts'

const folders = ['var/lib/rpm', 'usr/lib/sysimage/rpm', 'usr/share/rpm']
const databases = new Set(
  folders.flatMap((folder) => ['rpmdb.sqlite', 'Packages', 'Packages.db', 'rpmdb.sqlite-wal'].map((name) => `${folder}/${name}`)),
)
const largest = 512 * 2 ** 20
const mostPackages = 200_000

/** The database of rpm. Since Fedora 33 and RHEL 9 it is SQLite, of SUSE ndb; Berkeley DB is named as what is not read. */
export const rpm: Cataloguer = {
  wants: ({ path }) => databases.has(path),
  read: async (file, body) => {
    if (file.path.endsWith('-wal')) {
      return file.size === 0 ? { packages: [] } : unread('it is a log of changes to the database that were not written into it yet')
    }
    if (file.path.endsWith('/Packages')) return unread('the database of rpm is Berkeley DB (RHEL 8 and before), which is not read here')
    const database = await wholeBytes(file, body, largest)
    const blobs = file.path.endsWith('/Packages.db') ? ndbBlobs(database) : await sqliteBlobs(database)
    return { packages: blobs.map((blob) => draftOf(parseRpmHeader(blob))) }
  },
}

function unread(why: string): Told {
  return { packages: [], unscannable: why }
}

/** The headers of all packages; SQLite reads them from memory, nothing is written to disk. */
async function sqliteBlobs(database: Buffer): Promise<readonly Buffer[]> {
  const { DatabaseSync } = await import('node:sqlite')
  const opened = new DatabaseSync(':memory:', { allowExtension: false })
  try {
    opened.deserialize(database)
    // A view, or a column that is computed, could go on without an end.
    const sql = opened.prepare("SELECT sql FROM sqlite_master WHERE name = 'Packages' AND type = 'table'").get()?.['sql']
    if (typeof sql !== 'string' || /\bas\b|\bvirtual\b/i.test(sql)) throw new Error('the database of rpm has no plain table of packages')
    const blobs: Buffer[] = []
    let left = largest
    for (const { blob } of opened.prepare('SELECT blob FROM Packages').iterate()) {
      if (!(blob instanceof Uint8Array)) continue
      left -= blob.length
      // Pages that name one another have rows without an end.
      if (left < 0 || blobs.push(Buffer.from(blob)) > mostPackages) throw new Error('the database of rpm has more than can be in it')
    }
    return blobs
  } finally {
    opened.close()
  }
}

/** rpm's own key ring entries are packages without an architecture; they hold no files. */
function draftOf(header: RpmHeader): Draft {
  const { name, epoch, version, release, arch, license, sourceRpm, modularity, requires, provides } = header
  const whole = `${version}-${release}`
  return {
    type: 'rpm',
    name,
    version: epoch === undefined ? whole : `${epoch}:${whole}`,
    ...(sourceRpm === undefined ? {} : { source: sourceOf(sourceRpm, epoch) }),
    ...(arch === undefined ? {} : { arch }),
    licenses: license === undefined ? [] : [license],
    qualifiers: { upstream: sourceRpm, epoch, rpmmod: modularity },
    ...(requires.length === 0 ? {} : { needs: requires }),
    ...(provides.length === 0 ? {} : { provides }),
  }
}

/** `glibc-2.34-100.el9.src.rpm`: the last two parts are version and release. */
function sourceOf(file: string, epoch: string | undefined): { name: string; version: string } {
  const [, name = file, version = ''] = /^(.+)-([^-]+-[^-]+)\.(?:no)?src\.rpm$/.exec(file) ?? []
  return { name, version: epoch === undefined ? version : `${epoch}:${version}` }
}
