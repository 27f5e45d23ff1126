import { exists, list } from '../../io/files.ts'
import { contextFolder } from './context.ts'
import { planUnfit } from './errors.ts'
import type { ChosenPlan, PlanName } from './layer-plan.ts'
import { findVenv } from './python-venv.ts'
import { webServerOf } from './web-servers.ts'

export interface ChoiceOptions {
  readonly plan: PlanName | 'auto'
  readonly hasRules: boolean
  /** Whether the plan must say what to run: neither entrypoint nor cmd is given. */
  readonly needsStart: boolean
  /** As the user names it. */
  readonly base?: string | undefined
}

/**
 * Which plan `auto` means, and why: a jar or a static program when the context is a file; only the rules when there are some;
 * else the first language that the folder shows; else the folder as it is. Whoever says what to start means the files where
 * they lie, so a language is then chosen for Node and for Python's environments only.
 * @throws SW-BUILD-CONTEXT-MISSING, SW-BUILD-PLAN
 */
export async function choosePlan(context: string, options: ChoiceOptions): Promise<ChosenPlan> {
  const root = await contextFolder(context)
  if (root === undefined) return chooseForFile(context, options)
  const { plan, hasRules } = options
  if (plan === 'static') throw planUnfit(`plan is static and context is the folder ${context}, expected the file of the program.`)
  if (plan !== 'auto') return { name: plan, why: 'asked for' }
  if (hasRules) return { name: 'layers', why: 'layers are given, and no plan' }
  return (await chooseByFiles(root, options)) ?? { name: 'folder', why: 'nothing that says more than a folder' }
}

function chooseForFile(context: string, { plan, hasRules, needsStart }: ChoiceOptions): ChosenPlan {
  const isJar = /\.[jw]ar$/.test(context)
  if (plan !== 'auto' && plan !== 'static' && !(plan === 'java' && isJar))
    throw planUnfit(`plan is ${plan} and context is the file ${context}, expected a folder${plan === 'java' ? ' or a jar' : ''}.`)
  if (hasRules) throw planUnfit(`layers take files from the folder that is the context, and context is the file ${context}.`)
  if (plan !== 'auto') return { name: plan, why: 'asked for' }
  return isJar && needsStart ? { name: 'java', why: 'the context is a jar' } : { name: 'static', why: 'the context is a file' }
}

async function chooseByFiles(root: string, { needsStart, base }: ChoiceOptions): Promise<ChosenPlan | undefined> {
  if (await exists(`${root}/package.json`)) return { name: 'node', why: 'package.json' }
  const names = (await list(root)).filter(({ kind }) => kind === 'file').map(({ name }) => name)
  const found = needsStart ? signs.find(({ pattern }) => names.some((name) => pattern.test(name))) : undefined
  if (found !== undefined) return { name: found.plan, why: names.find((name) => found.pattern.test(name)) ?? found.plan }
  const python = await choosePython(root, names, needsStart)
  if (python !== undefined || !needsStart || !names.includes('index.html')) return python
  // An image that is no known web server may serve the folder in a way of its own.
  return base === undefined || base === 'scratch' || webServerOf(base) !== undefined ? { name: 'site', why: 'index.html' } : undefined
}

/** Files at the top of a folder that say what it is; the first that is there decides. */
const signs: readonly { readonly plan: PlanName; readonly pattern: RegExp }[] = [
  { plan: 'java', pattern: /^(?:pom\.xml|(?:build|settings)\.gradle(?:\.kts)?)$/ },
  { plan: 'dotnet', pattern: /\.runtimeconfig\.json$/ },
  { plan: 'dotnet', pattern: /\.(?:cs|fs|vb)proj$/ },
  { plan: 'go', pattern: /^go\.mod$/ },
  { plan: 'rust', pattern: /^Cargo\.toml$/ },
]

async function choosePython(root: string, names: readonly string[], needsStart: boolean): Promise<ChosenPlan | undefined> {
  const project = ['pyproject.toml', 'requirements.txt', 'setup.py'].find((name) => names.includes(name))
  const venv = await findVenv(root)
  const shown = [project, venv].filter((name) => name !== undefined).join(' and ')
  return venv !== undefined || (project !== undefined && needsStart) ? { name: 'python', why: shown } : undefined
}
