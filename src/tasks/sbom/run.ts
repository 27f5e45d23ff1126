import { implement } from '../../spec/define.ts'
import { checkAll, checkBlocks, failuresOf, reasonOf } from './checks.ts'
import { sbomRefused, sbomUnscannable } from './errors.ts'
import { listImages } from './from-image.ts'
import { listSbom } from './from-sbom.ts'
import { listSource } from './from-source.ts'
import { type Input, type Listed, type SbomContext, unscannableOf } from './listed.ts'
import { contentsOf, headlineOf } from './summary.ts'
import { task } from './task.ts'
import { formatsOf, profilesOf } from './words.ts'
import { nameAll, type Written, writeAll } from './write.ts'

export const run = implement(task, async (input, context) => {
  const [formats, profiles] = [formatsOf(input.format), profilesOf(input.check)]
  const listed = await listAll(input, context)
  requireScannable(listed, input, context)
  const written = await writeAll(listed, formats, { input, context })
  const checked = checkAll(written, profiles)
  const packages = new Set(listed.flatMap(({ bill }) => bill.inventory.packages.map(({ purl }) => purl))).size
  const reason = reasonOf(checked)
  const verdict = reason === undefined ? ('pass' as const) : ('fail' as const)
  const result = {
    outputs: {
      ...(await nameAll(written, input, context)),
      packages,
      verdict: checked.length === 0 ? '' : verdict,
      report: checked.length === 0 ? undefined : `${JSON.stringify({ verdict, checks: checked }, undefined, 2)}\n`,
    },
    record: { sboms: written.flatMap(entryOf) },
    headline: headlineOf(packages, written, checked),
    summary: [contentsOf(written), ...checkBlocks(checked)],
  }
  if (reason === undefined) return result
  context.log.untrusted(failuresOf(checked))
  // What does not pass is there to be read, and is nothing to be attested to.
  if (input.checkOnFail === 'fail') return { ...result, record: { sboms: [] }, failure: sbomRefused(`${reason}.`) }
  context.log.warn('an SBOM does not have what its profile asks for', { reason })
  return result
})

async function listAll(input: Input, context: SbomContext): Promise<readonly Listed[]> {
  if (input.from !== undefined) return [await listSbom(input.from, input, context)]
  if (input.source !== undefined) return [await listSource(input.source, input, context)]
  return listImages(input, context)
}

function requireScannable(listed: readonly Listed[], { unscannable, from }: Input, { log }: SbomContext): void {
  const all = unscannableOf(listed)
  const [first] = all
  if (first === undefined) return
  // What an SBOM of someone else has no package URL for is no less there: it is in the file, and only not looked up.
  if (unscannable === 'fail' && from === undefined)
    throw sbomUnscannable(`${JSON.stringify(first.path)} of ${first.title} cannot be read (${all.length} in all): ${first.why}`)
  for (const { title, path, why } of all.slice(0, 20)) log.warn('not read, the SBOM is incomplete', { path, of: title, why })
}

/** A source tree, or an SBOM without an image, is nothing that can be attested to: the record is of images. */
function entryOf({ listed: { image, bill }, format, path, file }: Written): readonly {
  readonly subject: NonNullable<Listed['image']>['digest']
  readonly platform: string
  readonly format: string
  readonly path: string
  readonly file: Written['file']
  readonly packages: number
}[] {
  if (image === undefined) return []
  return [{ subject: image.digest, platform: image.platform, format, path, file, packages: bill.inventory.packages.length }]
}
