import { contextFolder, readContext } from './context.ts'
import { layerEmpty, planUnfit } from './errors.ts'
import { applyRules, destinationOf, layerIfAny, type Plan, type PlanOptions } from './layer-plan.ts'
import { readPackage } from './node-lock.ts'
import { planNode } from './plan-node.ts'
import { planStatic } from './plan-static.ts'

/**
 * The layers of an image: first the user's own, in their order; then those of the plan, from the files that no rule took.
 * `auto` is a static program when the context is a file, only the rules when there are some, else a Node project or a folder.
 */
export async function planLayers(options: PlanOptions): Promise<Plan> {
  const root = await contextFolder(options.context)
  if (root === undefined) return planStatic(options)
  const project = await readPackage(root)
  const name = options.plan === 'auto' ? (options.rules.length > 0 ? 'layers' : project === undefined ? 'folder' : 'node') : options.plan
  if (name === 'static') throw planUnfit(`plan is static and context is the folder ${options.context}, expected the file of the program.`)
  if (name === 'node') {
    if (project === undefined) throw planUnfit(`plan is node and ${options.context} has no package.json.`)
    return planNode({ root, project, options })
  }
  return planFiles(name, root, options)
}

async function planFiles(name: 'folder' | 'layers', root: string, options: PlanOptions): Promise<Plan> {
  const context = await readContext(root, options)
  const { layers, rest } = applyRules(options.rules, context)
  const { credentials } = context
  if (name === 'layers') return { name, layers, env: {}, credentials }
  const workdir = destinationOf(options)
  const all = [...layers, ...layerIfAny('files', rest, workdir)]
  if (all.length === 0) throw layerEmpty(`There is no file in ${options.context} that could go into the image.`)
  return { name, layers: all, env: {}, workdir, credentials }
}
