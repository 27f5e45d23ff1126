import { resolve } from 'node:path'
import { formatBytes, formatCount } from '../../base/bytes.ts'
import type { Digest } from '../../base/digest.ts'
import { isReferenceFault, isTag, parseReference } from '../../base/reference.ts'
import { type Copied, copyFromLayout } from '../../domain/oci/copy.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { type Context, implement } from '../../spec/define.ts'
import type { Block } from '../../spec/ports.ts'
import { tagInvalid } from './errors.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  const tags = [...new Set(input.tags)]
  requireTags(tags)
  const wanted = input.tagsLast ? [] : tags
  const layout = await openLayout(resolve(context.files.workspace, input.layout))
  const repository = connect(input, context)
  const copied = await copyFromLayout(layout, input.digest, repository, {
    tags: wanted,
    onProgress: (part) => context.progress.doing(`pushing to ${repository.name}`, { ...part, unit: 'bytes' }),
  })
  return {
    outputs: { image: `${input.image}@${input.digest}`, digest: input.digest },
    record: { pushes: [{ image: input.image, digest: input.digest, tags: wanted }] },
    headline: headline(input.image, wanted, copied),
    summary: summarise(input, wanted, copied),
  }
})

function requireTags(tags: readonly string[]): void {
  const bad = tags.filter((tag) => !isTag(tag))
  if (bad.length === 0) return
  const names = bad.map((tag) => `"${tag}"`).join(', ')
  throw tagInvalid(
    `${names} cannot be ${bad.length === 1 ? 'a tag' : 'tags'}: expected 1 to 128 letters, digits, "_", "." and "-", not first "." or "-"`,
    {
      hint: `tags: ${tags
        .map((tag) =>
          tag
            .replace(/^[.-]+/, '')
            .replace(/[^\w.-]/g, '-')
            .slice(0, 128),
        )
        .join(', ')}`,
      safe: 'nothing was sent',
    },
  )
}

interface Target {
  readonly image: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly plainHttp: boolean
}

function connect({ image, username, password, plainHttp }: Target, context: Context): Repository {
  const reference = parseReference(image)
  if (isReferenceFault(reference)) throw new Error(`the kind of the input let "${image}" pass, which ${reference.error}`)
  const credential = username === undefined || password === undefined ? undefined : { username, password }
  return connectRegistry(reference.registry, context, { credential, plainHttp: plainHttp ? 'always' : 'auto' }).repository(
    reference.repository,
  )
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
