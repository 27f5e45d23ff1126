import { type Dated, oldestOf } from '../../domain/advisories/dated.ts'
import { coordinatesOf } from '../../domain/advisories/ecosystem.ts'
import { lookUp } from '../../domain/advisories/look-up.ts'
import { exploited } from '../../domain/findings/exploited.ts'
import { type Found, findIn, type Scanned } from '../../domain/findings/find.ts'
import { mergeFindings } from '../../domain/findings/merge.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { byHarbor } from './by-harbor.ts'
import { byReports } from './by-reports.ts'
import { byScanner } from './by-scanner.ts'
import type { Heard, SourceFacts } from './heard.ts'
import { keptFolder } from './kept-folder.ts'
import { type Scene, scannedOf } from './scanned.ts'
import { sourcesOf } from './sources.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What was scanned, by what, and what came of it. */
export interface Evidence {
  readonly scanned: readonly Scanned[]
  readonly found: Found
  readonly sources: readonly SourceFacts[]
  /** Of what has been behind for longest, RFC 3339; empty when no source says how old it is. */
  readonly databaseDate: string
  /** How old each part of what was asked is: the advisories of an ecosystem, a feed. */
  readonly dates: readonly Dated[]
}

/** Asks every source and puts together what they find. @throws SW-SCAN-NO-DATABASE and the errors of layouts, layers, advisories, scanners and reports */
export async function evidenceOf(input: Input, context: Context<'subject'>): Promise<Evidence> {
  const asked = sourcesOf(input)
  const scene = await scannedOf(input, context)
  const heard: Heard[] = asked.has('osv') ? [await byAdvisories(input, scene, context)] : [unread(scene)]
  for (const name of ['trivy', 'grype'] as const) if (asked.has(name)) heard.push(await byScanner(name, input, { scene, context }))
  if (asked.has('harbor')) heard.push(await byHarbor(input, scene, context))
  heard.push(await byReports(input, { scene, context, alone: asked.size === 0 }))
  const sources = heard.flatMap(({ facts }) => facts)
  const told = heard.flatMap((each) => each.dates)
  const known = told.filter(({ date }) => date !== '')
  const ports = { http: context.http, workspace: context.files.workspace }
  const { findings, dates: feeds } = await exploited(mergeFindings(heard.flatMap(({ found }) => found.findings)), input, ports)
  return {
    ...{
      scanned: scene.targets,
      sources,
      databaseDate: oldestOf(known)?.date ?? '',
      dates: [...(known.length === 0 ? [] : told), ...feeds],
    },
    found: { findings, unscanned: heard.flatMap(({ found }) => found.unscanned) },
  }
}

async function byAdvisories({ database = '' }: Input, { targets }: Scene, context: Context<'subject'>): Promise<Heard> {
  const asked = targets.flatMap(({ inventory }) => inventory.packages.map(coordinatesOf)).filter((one) => typeof one !== 'string')
  context.progress.doing('reading the advisories')
  const answers = await lookUp(database, asked, { ...context, workspace: context.files.workspace, folder: () => keptFolder(context) })
  const { records, modified, digest } = answers
  context.log.info('advisories', { records, modified, digest })
  const found = targets.map((one) => findIn(one, answers))
  return {
    found: { findings: found.flatMap(({ findings }) => findings), unscanned: found.flatMap(({ unscanned }) => unscanned) },
    facts: [{ source: 'osv', modified, records, digest }],
    dates: answers.dates,
  }
}

/** What could not be read of an image is told whoever is asked: nobody knows whether the others could. */
function unread({ targets }: Scene): Heard {
  const unscanned = targets.flatMap(({ subject, inventory }) =>
    inventory.unscannable.map(({ path, why }) => ({ what: path, why, subject })),
  )
  return { found: { findings: [], unscanned }, facts: [], dates: [] }
}
