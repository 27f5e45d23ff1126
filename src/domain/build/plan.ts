import { contextFolder, readContext } from './context.ts'
import { layerEmpty } from './errors.ts'
import { applyRules, destinationOf, layerIfAny, type Plan, type PlanName, type PlanOptions } from './layer-plan.ts'
import { planCompiled } from './plan-compiled.ts'
import { planDotnet } from './plan-dotnet.ts'
import { planJava } from './plan-java.ts'
import { planNode } from './plan-node.ts'
import { planPython } from './plan-python.ts'
import { planSite } from './plan-site.ts'
import { planStatic } from './plan-static.ts'

/** The layers of an image: first the user's own, in their order; then those of the plan, from the files that no rule took. */
export async function planLayers(name: PlanName, options: PlanOptions): Promise<Plan> {
  const root = await contextFolder(options.context)
  if (name === 'java') return planJava(root, options)
  if (name === 'static' || root === undefined) return planStatic(options)
  switch (name) {
    case 'node':
      return planNode(root, options)
    case 'python':
      return planPython(root, options)
    case 'dotnet':
      return planDotnet(root, options)
    case 'go':
    case 'rust':
      return planCompiled(name, root, options)
    case 'site':
      return planSite(root, options)
    case 'folder':
    case 'layers':
      return planFiles(name, root, options)
  }
}

async function planFiles(name: 'folder' | 'layers', root: string, options: PlanOptions): Promise<Plan> {
  const context = await readContext(root, options)
  const { layers, rest } = applyRules(options.rules, context)
  const { credentials } = context
  if (name === 'layers') return { name, layers, env: {}, credentials }
  const workdir = destinationOf(options)
  const all = [...layers, ...layerIfAny({ name: 'files', why: 'all files of the folder', isApplication: true }, rest, workdir)]
  if (all.length === 0) throw layerEmpty(`There is no file in ${options.context} that could go into the image.`)
  return { name, layers: all, env: {}, workdir, credentials }
}
