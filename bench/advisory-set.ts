// A database of OSV of the true size and shape: how many records each ecosystem has, how long they are, and how their parts are spread.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { generator, type Random } from './random.ts'

interface Ecosystem {
  readonly name: string
  readonly records: number
  /** Names of packages that records are about. */
  readonly packages: number
  /** Of the records, in percent, those that only say that a package is malicious. */
  readonly malicious: number
  /** Releases of a distribution that each record speaks of. */
  readonly releases: readonly string[]
  /** Versions that a record lists, at most. */
  readonly versions: number
  version(random: Random): string
}

const semantic = (random: Random): string => `${random() % 9}.${random() % 20}.${random() % 30}`
const debian = (random: Random): string => `${random() % 2}:${random() % 9}.${random() % 20}+dfsg-${1 + (random() % 9)}`

/** As OSV had them at the end of 2026, by its public counts; what the images of most teams ask for. */
export const set = [
  { name: 'npm', records: 220_000, packages: 190_000, malicious: 96, releases: [], versions: 4, version: semantic },
  {
    name: 'Debian',
    records: 55_000,
    packages: 4000,
    malicious: 0,
    releases: [':11', ':12', ':13', ':14'],
    versions: 60,
    version: debian,
  },
  { name: 'PyPI', records: 20_000, packages: 9000, malicious: 50, releases: [], versions: 120, version: semantic },
  { name: 'Maven', records: 6500, packages: 2600, malicious: 0, releases: [], versions: 90, version: semantic },
  { name: 'Go', records: 6000, packages: 2500, malicious: 10, releases: [], versions: 2, version: semantic },
] as const satisfies readonly Ecosystem[]

const words = 'the a of in to allows attacker remote code crafted request before version function memory leads denial service'.split(' ')

/** Writes `<Ecosystem>/all.zip` below a folder, the same bytes each time; says how many records and bytes. */
export function writeAdvisories(folder: string): { readonly records: number; readonly bytes: number } {
  let [records, bytes] = [0, 0]
  for (const ecosystem of set) {
    const random = generator(7)
    const files = Array.from({ length: ecosystem.records }, (_, at) => recordOf(ecosystem, at, random))
    const archive = zipOf(files.map((record) => ({ path: `${record.id}.json`, text: JSON.stringify(record) })))
    mkdirSync(join(folder, ecosystem.name), { recursive: true })
    writeFileSync(join(folder, ecosystem.name, 'all.zip'), archive)
    records += files.length
    bytes += archive.length
  }
  return { records, bytes }
}

/** The name of a package of an ecosystem, by its number. */
export function nameOf(ecosystem: string, at: number): string {
  const names: Readonly<Record<string, string>> = {
    Go: `example.com/group-${at % 40}/module-${at}`,
    Maven: `org.group${at % 90}:artifact-${at}`,
  }
  return names[ecosystem] ?? `package-${at}`
}

/** Malicious packages are of no use to anybody else: their names come once, after those of the others. */
function recordOf(ecosystem: Ecosystem, at: number, random: Random): Readonly<Record<'id', string> & Record<string, unknown>> {
  const isMalicious = random() % 100 < ecosystem.malicious
  const common = 1 + Math.floor((ecosystem.packages * (100 - ecosystem.malicious)) / 100)
  const name = nameOf(ecosystem.name, isMalicious ? common + at : random() % common)
  const affected = isMalicious
    ? [
        {
          package: packageOf(name, ecosystem.name),
          versions: [ecosystem.version(random)],
          database_specific: { cwes: [{ cweId: 'CWE-506' }] },
        },
      ]
    : (ecosystem.releases.length === 0 ? [''] : ecosystem.releases).map((release) => affectedOf(ecosystem, { name, release, random }))
  return {
    ...{ schema_version: '1.7.3', id: `${isMalicious ? 'MAL' : ecosystem.name.toUpperCase()}-2026-${at}` },
    modified: new Date(Date.UTC(2026, 10, 21) - random() * 20).toISOString(),
    published: '2026-01-01T00:00:00Z',
    ...(isMalicious
      ? { summary: `Malicious code in ${name} (${ecosystem.name})` }
      : { summary: text(9, random), aliases: [`CVE-2026-${at}`] }),
    details: text(isMalicious ? 60 : 120, random),
    ...(isMalicious ? {} : { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N' }] }),
    affected,
    references: Array.from({ length: isMalicious ? 1 : 5 }, () => ({ type: 'WEB', url: `https://example.com/${hex(40, random)}` })),
    credits: isMalicious ? [{ name: 'finder', type: 'FINDER', contact: ['https://example.com'] }] : [],
    database_specific: isMalicious
      ? { 'malicious-packages-origins': [{ sha256: hex(64, random), source: 'finder', import_time: '2026-01-01T00:00:00Z' }] }
      : { severity: 'HIGH', github_reviewed: true },
  }
}

function affectedOf(
  ecosystem: Ecosystem,
  { name, release, random }: { readonly name: string; readonly release: string; readonly random: Random },
): object {
  const versions = Array.from({ length: random() % ecosystem.versions }, () => ecosystem.version(random))
  const events = [{ introduced: '0' }, ...(random() % 5 === 0 ? [] : [{ fixed: ecosystem.version(random) }])]
  return { package: packageOf(name, `${ecosystem.name}${release}`), ranges: [{ type: 'ECOSYSTEM', events }], versions }
}

function packageOf(name: string, ecosystem: string): object {
  return { name, ecosystem, purl: `pkg:generic/${encodeURIComponent(name)}` }
}

function text(length: number, random: Random): string {
  return Array.from({ length }, () => words[random() % words.length]).join(' ')
}

function hex(length: number, random: Random): string {
  return Array.from({ length: length / 8 }, () => random().toString(16).padStart(8, '0')).join('')
}

/** An archive of more entries than the first format of zip could count (APPNOTE.TXT 4.3.14). */
function zipOf(files: readonly { readonly path: string; readonly text: string }[]): Buffer {
  const [bodies, directory]: [Buffer[], Buffer[]] = [[], []]
  let offset = 0
  for (const { path, text: content } of files) {
    const [raw, name] = [Buffer.from(content), Buffer.from(path)]
    const packed = deflateRawSync(raw)
    const header = Buffer.alloc(26)
    header.writeUInt16LE(20, 0)
    header.writeUInt16LE(8, 4)
    header.writeUInt32LE(crc32(raw), 10)
    header.writeUInt32LE(packed.length, 14)
    header.writeUInt32LE(raw.length, 18)
    header.writeUInt16LE(name.length, 22)
    const central = Buffer.alloc(46)
    central.writeUInt32LE(0x02014b50, 0)
    central.writeUInt16LE(20, 4)
    header.copy(central, 6)
    central.writeUInt32LE(offset, 42)
    bodies.push(Buffer.from([0x50, 0x4b, 3, 4]), header, name, packed)
    directory.push(central, name)
    offset += 30 + name.length + packed.length
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0)
  const end = Buffer.alloc(56 + 20 + 22)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeUInt16LE(45, 12)
  end.writeUInt16LE(45, 14)
  for (const at of [24, 32]) end.writeBigUInt64LE(BigInt(files.length), at)
  end.writeBigUInt64LE(BigInt(size), 40)
  end.writeBigUInt64LE(BigInt(offset), 48)
  end.writeUInt32LE(0x07064b50, 56)
  end.writeBigUInt64LE(BigInt(offset + size), 64)
  end.writeUInt32LE(1, 72)
  end.writeUInt32LE(0x06054b50, 76)
  for (const at of [84, 86]) end.writeUInt16LE(Math.min(files.length, 0xffff), at)
  end.writeUInt32LE(size, 88)
  end.writeUInt32LE(offset, 92)
  return Buffer.concat([...bodies, ...directory, end])
}
