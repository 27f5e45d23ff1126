import { resolve } from 'node:path'
import { formatBytes, formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { isReferenceFault, parseReference } from '../../base/reference.ts'
import { type Copied, copyFromLayout } from '../../domain/oci/copy.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { sourcesOf } from '../../domain/oci/layout-sources.ts'
import { connectRegistry, type Registry, type Repository } from '../../domain/oci/registry.ts'
import { checkedTags } from '../../domain/oci/tag-names.ts'
import { type Context, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  const tags = checkedTags(input.tags)
  const wanted = input.tagsLast ? [] : tags
  const layout = await openLayout(resolve(context.files.workspace, input.layout))
  const { registry, repository } = connect(input, context)
  const sources = await sourcesOf(layout, (name) => (name === registry.name ? registry : connectRegistry(name, context)))
  const copied = await copyFromLayout(layout, input.digest, repository, {
    tags: wanted,
    sources,
    onProgress: (part) => context.progress.doing(`pushing to ${repository.name}`, { ...part, unit: 'bytes' }),
  })
  return {
    outputs: { image: `${input.image}@${input.digest}`, digest: input.digest },
    record: { pushes: [{ image: input.image, digest: input.digest, tags: wanted }] },
    headline: headline(input.image, wanted, copied),
    summary: summarise(input, wanted, copied),
  }
})

interface Target {
  readonly image: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly plainHttp: boolean
}

function connect({ image, username, password, plainHttp }: Target, context: Context): { registry: Registry; repository: Repository } {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  const registry = connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' })
  return { registry, repository: registry.repository(reference.repository) }
}

function headline(image: string, tags: readonly string[], { bytes }: Copied): string {
  const sent = bytes.sent === 0 ? 'all there already' : `${formatBytes(bytes.sent)} sent of ${formatBytes(bytes.total)}`
  return [image, sent, ...(tags.length === 0 ? [] : [tags.join(', ')])].join(' · ')
}

function summarise(
  { image, digest }: { image: string; digest: Digest },
  tags: readonly string[],
  { blobs, bytes }: Copied,
): readonly Block[] {
  const moved = tags.length === 0 ? 'No tag was moved.' : `Tags: ${tags.join(', ')}`
  return [
    { kind: 'text', text: `${image}@${digest}\n${moved}` },
    {
      kind: 'table',
      title: 'Push',
      columns: ['blobs uploaded', 'mounted', 'there already', 'bytes sent'],
      rows: [
        [...[blobs.uploaded, blobs.mounted, blobs.present].map(formatCount), `${formatBytes(bytes.sent)} of ${formatBytes(bytes.total)}`],
      ],
    },
  ]
}
