import { basename, resolve } from 'node:path'
import { version } from '../../base/version.ts'
import { purlOf } from '../../domain/packages/purl.ts'
import { inventoryOfTree } from '../../domain/packages/source/tree.ts'
import type { Subject } from '../../domain/sbom/bill.ts'
import { authorOf } from './author.ts'
import { epochOf, type Input, type Listed, type SbomContext, timestamp } from './listed.ts'

/** What the lock files of a source tree list; without a time that is asked for it has the present one, as no file of a tree tells. */
export async function listSource(folder: string, input: Input, context: SbomContext): Promise<Listed> {
  context.progress.doing(`reading ${folder}`)
  const path = resolve(context.files.workspace, folder)
  return {
    bill: {
      subject: subjectOf(context.source, basename(path)),
      inventory: await inventoryOfTree(path, { signal: context.signal }),
      created: timestamp(epochOf(input, context) ?? context.clock.now()),
      toolVersion: version,
      ...authorOf(input, context),
    },
    name: 'source',
    title: folder,
  }
}

/** A repository on GitHub or Bitbucket has a package URL of its own (purl-spec, types); its version is the commit. */
function subjectOf({ repository, commit }: SbomContext['source'], folder: string): Subject {
  const [, host = '', owner = '', project] = /^https?:\/\/([^/]+)\/([^/]+)\/([^/]+?)(?:\.git)?\/?$/.exec(repository ?? '') ?? []
  const type = { 'github.com': 'github', 'bitbucket.org': 'bitbucket' }[host]
  return {
    kind: 'application',
    name: project ?? folder,
    ...(commit === undefined ? {} : { version: commit }),
    ...(type === undefined || project === undefined
      ? {}
      : { purl: purlOf({ type, namespace: owner.toLowerCase(), name: project.toLowerCase(), version: commit }) }),
    hashes: [],
    phase: 'pre-build',
  }
}
