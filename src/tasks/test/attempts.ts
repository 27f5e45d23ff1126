import { mergeRepeats } from '../../domain/testreport/attempts.ts'
import { isBad } from '../../domain/testreport/model.ts'
import { removeTree } from '../../io/files.ts'
import { chooseRunner } from './choose.ts'
import { type Collected, collect } from './collect.ts'
import { type Ending, endingElsewhere, endingOf } from './ending.ts'
import { type Finished, reportsFolder, runOnce } from './run-once.ts'
import type { Scene } from './scene.ts'

/** One run of the tests, and what its reports say. */
export interface Attempt extends Collected {
  /** Undefined when reports alone are judged. */
  readonly ending: Ending | undefined
  /** Undefined when the tests ran elsewhere. */
  readonly finished: Finished | undefined
}

/** Runs the command until it is good, or the retries are used up; each run with its own reports. */
export async function runUntilGood(scene: Scene): Promise<readonly Attempt[]> {
  const { input, context, project } = scene
  const runner = await chooseRunner(scene)
  await removeTree(`${context.files.state}/${reportsFolder}`)
  const attempts: Attempt[] = []
  for (let number = 1; number <= input.retries + 1; number += 1) {
    const finished = await runOnce({ runner, number, project, timeout: input.timeout }, context)
    const attempt = await collectAfter(finished, scene)
    attempts.push(attempt)
    if (isGood(attempt) || attempt.ending?.timedOut === true) break
    if (number <= input.retries) context.log.warn('the tests failed and are run again', { run: number, retries: input.retries })
  }
  return attempts
}

/** Judges what another step has left. */
export async function judgeOnly(scene: Scene): Promise<Attempt> {
  const { input, project, workspace } = scene
  const ending = input.exitCode === undefined ? undefined : await endingElsewhere(input.exitCode, project)
  const collected = await collect({ workspace, project, given: input.reports, format: formatOf(scene) })
  return settled(collected, ending, undefined)
}

async function collectAfter(finished: Finished, scene: Scene): Promise<Attempt> {
  const { input, project, workspace } = scene
  const { plan, folder, stdout, since } = finished
  const collected = await collect({
    workspace,
    project,
    given: input.reports,
    format: formatOf(scene),
    run: { where: plan.reports, folder, stdout, stdoutFormat: plan.stdout, since: plan.keepsReports === true ? undefined : since },
  })
  return settled(collected, endingOf(finished.result), finished)
}

/** Only after success is a test that failed and passed in one report the same test. */
function settled(collected: Collected, ending: Ending | undefined, finished: Finished | undefined): Attempt {
  const cases = ending?.succeeded === true ? mergeRepeats(collected.cases) : collected.cases
  return { ...collected, cases, ending, finished }
}

function isGood({ ending, cases, faults }: Attempt): boolean {
  return ending?.succeeded === true && faults.length === 0 && !cases.some(isBad)
}

function formatOf({ input }: Scene): Exclude<Scene['input']['format'], 'auto'> | undefined {
  return input.format === 'auto' ? undefined : input.format
}
