import { resolve } from 'node:path'
import { requireGate } from '../../domain/gate/require-gate.ts'
import { requireAsked } from '../../domain/harbor/preflight-inputs.ts'
import { copyFromLayout } from '../../domain/oci/copy.ts'
import { copyTable, sentOf, tagsLine } from '../../domain/oci/copy-summary.ts'
import { openLayout } from '../../domain/oci/layout.ts'
import { sourcesOf } from '../../domain/oci/layout-sources.ts'
import { lookAhead } from '../../domain/oci/looks-ahead.ts'
import { newBytes } from '../../domain/oci/new-bytes.ts'
import { pushTarget } from '../../domain/oci/push-target.ts'
import { connectRegistry, type Repository } from '../../domain/oci/registry.ts'
import { checkedTags } from '../../domain/oci/tag-names.ts'
import { implement } from '../../spec/define.ts'
import { askedBefore } from './asked-before.ts'
import { labelsAt } from './labels.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  requireAsked(input)
  const { subject, findings } = context.record
  requireGate(findings, { digest: input.digest, isRequired: false, safe: 'nothing was pushed' })
  const own = subject?.digest === input.digest ? subject.version : undefined
  const tags = checkedTags(input.tags.length > 0 || own === undefined ? input.tags : [own])
  const moved = input.tagsLast ? [] : tags
  const layout = await openLayout(resolve(context.files.workspace, input.layout))
  const { registry, repository } = pushTarget(input, context)
  const sources = await sourcesOf(layout, (name) => (name === registry.name ? registry : connectRegistry(name, context)))
  using looks = await lookAhead(layout, input.digest, repository)
  const asked = await askedBefore(repository, input, {
    ...{ log: context.log, tags },
    size: (others) => {
      const beside = [...sources.filter((one) => isCountedWith(one, repository)), ...others.map((path) => registry.repository(path))]
      return newBytes(layout, input.digest, { repository, beside })
    },
  })
  const labels = await labelsAt(repository, input)
  const copied = await copyFromLayout(layout, input.digest, repository, {
    tags: moved,
    ...{ sources, looks },
    onProgress: (part) => context.progress.doing(`pushing to ${repository.name}`, { ...part, unit: 'bytes' }),
  })
  const { summary: marks, failure } = (await labels?.()) ?? { summary: [] }
  return {
    outputs: {
      image: `${input.image}@${input.digest}`,
      images: copied.manifests.map((digest) => `${input.image}@${digest}`),
      digest: input.digest,
    },
    record: { pushes: [{ image: input.image, digest: input.digest, tags: moved, ...(input.tagsLast ? { wanted: tags } : {}) }] },
    headline: [input.image, sentOf(copied), ...(moved.length === 0 ? [] : [moved.join(', ')])].join(' · '),
    summary: [
      {
        kind: 'text',
        text: `${input.image}@${input.digest}\n${input.tagsLast && tags.length > 0 ? `Tags left to the task tag: ${tags.join(', ')}` : tagsLine(moved)}`,
      },
      copyTable('Push', copied),
      ...asked,
      ...marks,
    ],
    ...(failure === undefined ? {} : { failure }),
  }
})

/** Harbor counts a blob once in a project. */
function isCountedWith({ registry, path }: Repository, target: Repository): boolean {
  return registry === target.registry && path.split('/')[0] === target.path.split('/')[0]
}
