import type { TaskError } from '../../base/errors.ts'
import { mergeAttempts } from '../../domain/testreport/attempts.ts'
import { formatPercent } from '../../domain/testreport/line-coverage/coverage.ts'
import { isBad, labelOf, type TestCase, totalsOf } from '../../domain/testreport/model.ts'
import { resolveInside } from '../../io/files.ts'
import { type Context, implement } from '../../spec/define.ts'
import { type Attempt, judgeOnly, runUntilGood } from './attempts.ts'
import { commandUnusable, coverageLow, testsFailed } from './errors.ts'
import { type Measured, measure } from './measure.ts'
import { formatPlace, locateAll } from './places.ts'
import { annotations, headline, type Story, summarise } from './present.ts'
import type { Scene } from './scene.ts'
import { task } from './task.ts'
import { judge } from './verdict.ts'

export const run = implement(task, async (input, context) => {
  const workspace = await resolveInside(context.files.workspace, '.')
  const scene: Scene = { input, context, workspace, project: await resolveInside(workspace, input.workingDirectory) }
  requireOneWay(input)
  const attempts = input.collectOnly ? [await judgeOnly(scene)] : await runUntilGood(scene)
  const last = attempts.at(-1)
  const cases = mergeAttempts(attempts.map((attempt) => attempt.cases))
  const totals = totalsOf(cases)
  const coverage = await measureAfter(last, scene)
  const places = await locateAll(cases, scene)
  const faults = last?.faults ?? []
  const failure = judge(
    {
      ...{ cases, totals, faults, coverage, ending: last?.ending, reports: last?.reports.length ?? 0, outdated: last?.outdated ?? 0 },
      command: last?.finished?.runner.command,
      placeOf: (found) => map(places.get(found), formatPlace),
    },
    input,
  )
  const story: Story = {
    cases,
    totals,
    places,
    percent: coverage.percent,
    minCoverage: input.minCoverage,
    faults: [...faults, ...coverage.faults],
  }
  if (last?.finished?.plan.quiet === true) showFailures(cases, context)
  if (input.annotate) for (const annotation of annotations(story)) context.annotate(annotation)
  const percent = map(coverage.percent, (exact) => Number(formatPercent(exact)))
  const { passed, failed, skipped, flaky } = totals
  return {
    outputs: { passed, failed, skipped, flaky, coverage: percent },
    record: {
      tests: {
        ...{ passed, failed, skipped, flaky, duration: durationOf(attempts, totals.duration), verdict: verdictOf(failure) },
        ...(percent === undefined ? {} : { coverage: percent }),
        reports: [...new Set(attempts.flatMap(({ reports }) => reports))].filter((report) => report !== 'stdout'),
      },
    },
    headline: headline(story),
    summary: summarise(story),
    ...(failure === undefined ? {} : { failure }),
  }
})

function requireOneWay({ command, collectOnly, exitCode }: Scene['input']): void {
  if (collectOnly && command.length > 0) {
    throw commandUnusable('`command` was given, but `collect-only: true` runs nothing.', {
      hint: 'Leave out `command` to judge what ran elsewhere, or `collect-only` to run it here.',
    })
  }
  if (!collectOnly && exitCode !== undefined) {
    throw commandUnusable('`exit-code` was given, but the tests run here, with an exit code of their own.', { hint: 'collect-only: true' })
  }
}

async function measureAfter(last: Attempt | undefined, { input, workspace, project }: Scene): Promise<Measured> {
  const finished = last?.finished
  if (finished === undefined) return measure({ workspace, project, given: input.coverage })
  const { plan, folder, since } = finished
  return measure({
    workspace,
    project,
    given: input.coverage,
    run: { where: plan.coverage, folder, since: plan.keepsReports === true ? undefined : since },
  })
}

const failuresShown = 50

/** What the tool would have printed, had its output not been for machines. */
function showFailures(cases: readonly TestCase[], { log }: Context): void {
  for (const found of cases.filter(isBad).slice(0, failuresShown)) {
    log.untrusted(`✗ ${labelOf(found)}\n${found.details ?? found.message ?? ''}`)
  }
}

/** Milliseconds: what the runs took, or the tests when they ran elsewhere. */
function durationOf(attempts: readonly Attempt[], ofTests: number): number {
  const took = attempts.flatMap(({ finished }) => finished?.result.duration ?? [])
  return Math.round(took.length === 0 ? ofTests : took.reduce((sum, duration) => sum + duration, 0))
}

/** `unknown`: nobody could find out whether the tests pass. */
function verdictOf(failure: TaskError | undefined): 'pass' | 'fail' | 'unknown' {
  if (failure === undefined) return 'pass'
  return testsFailed.is(failure) || coverageLow.is(failure) ? 'fail' : 'unknown'
}

function map<T, R>(value: T | undefined, change: (value: T) => R): R | undefined {
  return value === undefined ? undefined : change(value)
}
