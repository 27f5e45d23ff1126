import { exists } from '../../io/files.ts'
import { contextFolder, readContext } from './context.ts'
import { layerEmpty, planUnfit } from './errors.ts'
import { applyRules, destinationOf, layerIfAny, type Plan, type PlanName, type PlanOptions } from './layer-plan.ts'
import { planNode } from './plan-node.ts'
import { planStatic } from './plan-static.ts'

/**
 * Which plan `auto` means: a static program when the context is a file, only the rules when there are some, else a Node
 * project when there is a package.json, else the folder as it is. @throws SW-BUILD-CONTEXT-MISSING, SW-BUILD-PLAN
 */
export async function choosePlan(context: string, plan: PlanName | 'auto', hasRules: boolean): Promise<PlanName> {
  const root = await contextFolder(context)
  if (root === undefined) {
    if (plan !== 'auto' && plan !== 'static') throw planUnfit(`plan is ${plan} and context is the file ${context}, expected a folder.`)
    if (hasRules) throw planUnfit(`layers take files from the folder that is the context, and context is the file ${context}.`)
    return 'static'
  }
  if (plan === 'static') throw planUnfit(`plan is static and context is the folder ${context}, expected the file of the program.`)
  if (plan !== 'auto') return plan
  if (hasRules) return 'layers'
  return (await exists(`${root}/package.json`)) ? 'node' : 'folder'
}

/** The layers of an image: first the user's own, in their order; then those of the plan, from the files that no rule took. */
export async function planLayers(name: PlanName, options: PlanOptions): Promise<Plan> {
  const root = await contextFolder(options.context)
  if (name === 'static' || root === undefined) return planStatic(options)
  return name === 'node' ? planNode(root, options) : planFiles(name, root, options)
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
