import { resolve } from 'node:path'
import type { Found } from '../../domain/findings/find.ts'
import { findingsOfReports } from '../../domain/findings/reports/findings-of.ts'
import type { Target } from '../../domain/findings/reports/subjects.ts'
import { type Program, programOf } from '../../domain/findings/scanners/program.ts'
import { runScanner } from '../../domain/findings/scanners/run-scanner.ts'
import { scanners } from '../../domain/findings/scanners/scanners.ts'
import { singleImage } from '../../domain/findings/scanners/single-image.ts'
import type { Layout } from '../../domain/oci/layout.ts'
import type { Context, InputOf } from '../../spec/define.ts'
import { scanNothing } from './errors.ts'
import { datedOf, type Heard } from './heard.ts'
import type { Opened, Scene } from './scanned.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** What a program of the user finds in each platform. @throws SW-SCANNER-UNFIT, SW-SCANNER-DATABASE, SW-SCANNER-FAILED */
export async function byScanner(
  name: keyof typeof scanners,
  input: Input,
  { scene, context }: { readonly scene: Scene; readonly context: Context<'subject'> },
): Promise<Heard> {
  const { opened } = scene
  if (opened === undefined) throw scanNothing(`${name} scans images, and there is no \`layout\`.`, { hint: 'layout: FOLDER' })
  const program = await programOf(scanners[name], wantedOf(name, input, context), context)
  const { path, digest, version } = program
  context.log.info('scanner', { name, path, version, digest })
  const found: Found[] = []
  let date = ''
  for (const [done, target] of scene.targets.entries()) {
    context.progress.doing(`${name} on ${target.subject.platform}`, { done, total: scene.targets.length, unit: 'items' })
    const layout = await single(target, opened, context)
    const report = await runScanner(program, { layout, timeout: input.scannerTimeout }, context)
    date = report.date
    found.push(
      findingsOfReports([{ report, where: `the report of ${name}` }], {
        root: input.digest,
        targets: [target],
        mayAssume: false,
        coverAll: true,
      }),
    )
  }
  return {
    found: { findings: found.flatMap(({ findings }) => findings), unscanned: found.flatMap(({ unscanned }) => unscanned) },
    facts: [{ source: name, modified: date, program: path, version, digest }],
    dates: [datedOf(name, date)],
  }
}

async function single(target: Target, { layout, open, images }: Opened, { files }: Context<'subject'>): Promise<Layout> {
  const image = images.get(target)
  if (image === undefined) throw new Error(`no image of ${target.subject.platform}`)
  return singleImage(await files.temporary('image'), { layout, image, open })
}

function wantedOf(
  name: Program['scanner']['name'],
  input: Input,
  { environment, files }: Context<'subject'>,
): Parameters<typeof programOf>[1] {
  const { program, digest, cache } = {
    trivy: { program: input.trivyProgram, digest: input.trivyDigest, cache: input.trivyCache ?? environment['TRIVY_CACHE_DIR'] },
    grype: { program: input.grypeProgram, digest: input.grypeDigest, cache: input.grypeCache ?? environment['GRYPE_DB_CACHE_DIR'] },
  }[name]
  return { program, digest, cache: cache === undefined ? undefined : resolve(files.workspace, cache) }
}
