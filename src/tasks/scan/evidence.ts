import { resolve } from 'node:path'
import { type Answers, readDatabase } from '../../domain/advisories/database.ts'
import { coordinatesOf } from '../../domain/advisories/ecosystem.ts'
import { type Found, findIn, type Scanned } from '../../domain/findings/find.ts'
import { byWeight } from '../../domain/findings/finding.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanNoDatabase } from './errors.ts'
import { scannedOf } from './scanned.ts'
import type { task } from './task.ts'

/** What was scanned, by what, and what came of it. */
export interface Evidence {
  readonly scanned: readonly Scanned[]
  readonly answers: Answers
  readonly found: Found
}

/** Asks every source and puts together what they find. @throws SW-SCAN-NO-DATABASE and the errors of layouts, layers and advisories */
export async function evidenceOf(input: InputOf<typeof task>, context: Context<'subject'>): Promise<Evidence> {
  const { database } = input
  if (database === undefined)
    throw scanNoDatabase('`database` is not set, and nothing is fetched at run time.', {
      hint: 'database: advisories',
      safe: 'nothing was changed',
    })
  const scanned = await scannedOf(input, context)
  const answers = await lookUp(resolve(context.files.workspace, database), scanned, context)
  return { scanned, answers, found: all(scanned.map((one) => findIn(one, answers))) }
}

async function lookUp(database: string, scanned: readonly Scanned[], { progress, signal, log }: Context<'subject'>): Promise<Answers> {
  const asked = scanned.flatMap(({ inventory }) => inventory.packages.map(coordinatesOf)).filter((one) => typeof one !== 'string')
  progress.doing('reading the advisories')
  const answers = await readDatabase(database, asked, signal)
  const { records, modified, digest } = answers
  log.info('advisories', { records, modified, digest })
  return answers
}

function all(found: readonly Found[]): Found {
  return {
    findings: found.flatMap(({ findings }) => findings).toSorted(byWeight),
    unscanned: found.flatMap(({ unscanned }) => unscanned),
  }
}
