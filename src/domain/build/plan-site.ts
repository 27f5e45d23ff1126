import { posix } from 'node:path'
import type { WalkedFile } from '../../io/files.ts'
import { readContext } from './context.ts'
import { baseNeeded, layerEmpty } from './errors.ts'
import { applyRules, layerIfAny, type Plan, type PlanOptions } from './layer-plan.ts'
import { usualServer, webServerOf } from './web-servers.ts'

const kinds = [
  {
    name: 'media',
    why: 'images, fonts and sound: seldom',
    pattern: /\.(?:avif|bmp|eot|gif|ico|jpe?g|mp[34]|ogg|otf|pdf|png|svg|ttf|wasm|wav|web[mp]|woff2?)$/i,
  },
  { name: 'scripts and styles', why: 'a new build of them', pattern: /\.(?:css|[cm]?js|map)$/i },
] as const

/** A folder of pages as layers by kind of file, where the web server of the base serves from. @throws SW-BUILD-BASE-NEEDED */
export async function planSite(root: string, options: PlanOptions): Promise<Plan> {
  const context = await readContext(root, options)
  const { layers, rest } = applyRules(options.rules, context)
  const to = folderOf(options)
  const taken = new Set<string>()
  const byKind = kinds.flatMap(({ name, why, pattern }) => {
    const files = rest.filter(({ path, kind }) => kind !== 'directory' && pattern.test(posix.basename(path)))
    for (const { path } of files) taken.add(path)
    return layerIfAny({ name, why }, files, to)
  })
  const pages: WalkedFile[] = rest.filter(({ path }) => !taken.has(path))
  const all = [
    ...layers,
    ...byKind,
    ...layerIfAny({ name: 'pages', why: 'pages and all other files: every change of a text', isApplication: true }, pages, to),
  ]
  if (all.length === 0) throw layerEmpty(`There is no file in ${options.context} that could go into the image.`)
  return { name: 'site', layers: all, env: {}, credentials: context.credentials }
}

function folderOf({ onScratch, base, workdir, isRootAllowed }: PlanOptions): string {
  if (onScratch) throw baseNeeded('Pages need a base that has a web server, and scratch has none.', { hint: `Set base: ${usualServer}` })
  const server = webServerOf(base)
  if (server?.startsAsRoot === true && !isRootAllowed)
    throw baseNeeded(`${base} starts as root, and an image of ours does not.`, { hint: `Set base: ${usualServer}, or allow-root: true` })
  const folder = workdir ?? server?.folder
  if (folder !== undefined) return folder
  throw baseNeeded(`It is not known from which folder ${base} serves its pages.`, {
    hint: `Set workdir to that folder, or base: ${usualServer}`,
  })
}
