import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { inParallel } from '../../oci/parallel.ts'
import { Collector } from '../collect.ts'
import type { Answers } from '../database.ts'
import { type Coordinates, familyOf } from '../ecosystem.ts'
import { advisoryInvalid, serviceRefused } from '../errors.ts'
import { jsonOf, type Service, send } from './ask-service.ts'
import { askAll } from './batches.ts'
import { type KeptRecords, keptRecords } from './kept-records.ts'
import type { RemotePorts } from './ports.ts'
import { questionsOf } from './questions.ts'
import { recordHead } from './schema.ts'

/** Records at once and in all, and what they may have together, in bytes. */
const fetching = { atOnce: 6, most: 100_000, size: 2 ** 30 } as const

/**
 * Asks a service with the API of OSV (google.github.io/osv.dev/api) which advisories are about the packages, and fetches those that are not
 * kept already. Names and versions of packages are sent to this origin, and to no other. @throws SW-ADVISORIES-SERVICE, SW-HTTP-…
 */
export async function askService(base: string, asked: readonly Coordinates[], ports: RemotePorts): Promise<Answers> {
  const service: Service = { base: base.replace(/\/+$/, ''), ports }
  const { ofPackages, ofEcosystems } = questionsOf(asked)
  const time = new Date(ports.clock.now()).toISOString()
  const [known, found] = [new Set<string>(), new Map<string, string>()]
  await askAll(
    [...ofEcosystems.map((question) => ({ question, isProbe: true })), ...ofPackages.map((question) => ({ question, isProbe: false }))],
    {
      service,
      tell: ({ question, isProbe }, { id, modified }) => {
        known.add(question.package.ecosystem)
        if (!isProbe && modified > (found.get(id) ?? '')) found.set(id, modified)
        if (found.size > fetching.most) throw serviceRefused(`${service.base} names more than ${fetching.most} advisories.`)
      },
    },
  )
  const collector = new Collector(asked)
  await fetchAll(found, service, collector)
  const families = new Set(asked.map(({ ecosystem }) => ecosystem))
  const covered = [...known].map(familyOf).filter((family) => families.has(family))
  return {
    ...{ advisories: collector.advisories(), ecosystems: new Set([...collector.ecosystems, ...known]), records: collector.records },
    dates: [...new Set(covered)].map((what) => ({ what, date: time, silence: 0 })),
    modified: time,
    digest: `sha256:${digestOf(found)}`,
  }
}

async function fetchAll(found: ReadonlyMap<string, string>, service: Service, collector: Collector): Promise<void> {
  const kept = await keptRecords(service.base, service.ports)
  const { progress } = service.ports
  let [done, size] = [0, 0]
  const records = new Map<string, Buffer>()
  await inParallel([...found], fetching.atOnce, async ([id, modified]) => {
    const bytes = kept.find(id, modified) ?? (await fetchOne(id, service, kept))
    size += bytes.length
    if (size > fetching.size) throw serviceRefused(`${service.base} has more than ${fetching.size} bytes of advisories about the packages.`)
    records.set(id, bytes)
    progress.doing('fetching advisories', { done: ++done, total: found.size, unit: 'items' })
  }).finally(() => kept.save())
  for (const [id, bytes] of records) collector.add(bytes, `${service.base}: ${id}`)
}

async function fetchOne(id: string, service: Service, kept: KeptRecords): Promise<Buffer> {
  const url = `${service.base}/v1/vulns/${encodeURIComponent(id)}`
  const bytes = await send({ method: 'GET', url }, service)
  const head = v.safeParse(recordHead, jsonOf(bytes, url))
  if (!head.success || head.output.id !== id) throw advisoryInvalid(`${url} is not the record ${JSON.stringify(id.slice(0, 100))}.`)
  kept.add(bytes)
  return bytes
}

/** Over the advisories that were named, with the time of their last change. */
function digestOf(found: ReadonlyMap<string, string>): string {
  const lines = [...found].map(([id, modified]) => `${id} ${modified}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}
