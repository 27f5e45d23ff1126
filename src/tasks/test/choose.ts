import { detectRunners, lookedFor } from './detect.ts'
import { commandUnusable, noRunner } from './errors.ts'
import { readNodeProject, scriptsOf, withNodeReporter } from './node-project.ts'
import type { Plan, Runner } from './plan.ts'
import type { Scene } from './scene.ts'
import { wordsOf } from './words.ts'

/** What to run: the command that was given, or that of the project which is there. */
export async function chooseRunner(scene: Scene): Promise<Runner> {
  const { input, context, project } = scene
  if (input.command.length > 0) return commandRunner(await argvOf(scene), scene)
  const [taken, ...others] = await detectRunners({
    folder: project,
    nodeOptions: await optionsForNode(scene),
    measure: input.minCoverage !== undefined,
    has: async (program) => (await context.process.find(program)) !== undefined,
  })
  if (taken === undefined) {
    throw noRunner(`No project with tests was found in ${project}; looked for ${lookedFor}.`)
  }
  if (others.length > 0) {
    const names = others.map(({ name, because }) => `${name} (${because})`).join(', ')
    context.log.info('several projects are here; the first is tested', { taken: taken.name, others: names, choose: 'command' })
  }
  return taken
}

async function commandRunner(argv: readonly string[], scene: Scene): Promise<Runner> {
  const node = await readNodeProject(scene.project)
  const scripts = scriptsOf(argv, node)
  const nodeOptions = scripts === undefined ? undefined : await optionsForNode(scene)
  const plan: Plan = { argv, reports: {}, coverage: {}, ...keeps(argv) }
  return {
    name: 'command',
    command: argv.join(' '),
    because: 'command',
    plan: (folders) => (scripts === undefined ? plan : withNodeReporter(plan, { folders, nodeOptions, scripts })),
  }
}

/** The items as they are; a single one that is a line of words is taken apart, as nobody names a program `npm test`. */
async function argvOf({ input, context }: Scene): Promise<readonly string[]> {
  const [line = '', ...more] = input.command
  if (more.length > 0 || !/\s/.test(line.trim()) || (await context.process.find(line)) !== undefined) return input.command
  const words = wordsOf(line)
  if (!('needsShell' in words)) return words
  throw commandUnusable(
    `command has ${JSON.stringify(words.needsShell)}, which only a shell understands; there is none unless you name one.`,
    {
      hint: `command: ${JSON.stringify(['sh', '-c', line])}`,
    },
  )
}

/** Gradle runs no test whose inputs have not changed, and leaves its report. */
function keeps([program = '']: readonly string[]): Pick<Plan, 'keepsReports'> {
  return /(?:^|\/)gradlew?$/.test(program) ? { keepsReports: true } : {}
}

const firstNodeWithJUnit = 20

/** NODE_OPTIONS as they are, when the Node on PATH can take a reporter from them and the user names no reports of their own. */
async function optionsForNode({ input, context, project }: Scene): Promise<string | undefined> {
  if (input.reports.length > 0 || (await context.process.find('node')) === undefined) return undefined
  const { code, stdout } = await context.process.run({ argv: ['node', '--version'], cwd: project, inherit: 'user' })
  const major = Number(/^v(\d+)\./.exec(stdout)?.[1] ?? 0)
  return code === 0 && major >= firstNodeWithJUnit ? (context.environment['NODE_OPTIONS'] ?? '') : undefined
}
