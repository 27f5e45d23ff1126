/** The races of Argo CD, on the fake: the same scenes are played on the lab's real one in test/e2e/argocd.test.ts. */
import { beforeAll, expect, it } from '@jest/globals'
import { assertOutcome } from './assert-outcome.ts'
import { fakeStage } from './fake-stage.ts'
import { pool } from './pool.ts'
import { races } from './races/races.ts'
import { type Shapes, startRecorder } from './recorder.ts'
import { readRecording } from './recording.ts'
import type { Outcome, Race, Scene } from './scene.ts'
import { syncHere } from './task-here.ts'

const shapes: Shapes = new Map()
let played: ReadonlyMap<Race, Promise<Outcome>>
beforeAll(() => {
  played = pool(races, 8, play)
})

it.each(races.map((race) => [race.name, race] as const))(
  '%s',
  async (_, race) => {
    assertOutcome(await played.get(race), race)
  },
  1_200_000,
)

// Shapes of what the lab's Argo CD answered in the same races: the fake has no answer, and no field, that it does not have.
it('answers in no other shape than Argo CD', () => {
  const known = new Map(
    readRecording<{ answer: string; paths: readonly string[] }>('shapes').map(({ answer, paths }) => [answer, new Set(paths)]),
  )
  // Which of its questions a race makes late is a matter of moments; Argo CD refuses all of them in one shape.
  const isRefusal = (answer: string): boolean => / [45]\d\d$/.test(answer)
  const refusals = new Set([...known].flatMap(([answer, paths]) => (isRefusal(answer) ? [...paths] : [])))
  const strange = [...shapes].flatMap(([answer, paths]) =>
    [...paths]
      .filter((path) => known.get(answer)?.has(path) !== true && !(isRefusal(answer) && refusals.has(path)))
      .map((path) => `${answer}: ${path}`),
  )
  expect(shapes.size).toBeGreaterThan(5)
  expect(strange).toEqual([])
})

async function play(race: Race): Promise<Outcome> {
  await using stage = await fakeStage(5)
  await using recorder = await startRecorder(stage.server, shapes)
  const { argocd, ci: token } = stage
  const server = recorder.url
  const scene: Scene = {
    ...stage,
    server,
    sync: (inputs, cancel) => syncHere({ server, token, ...inputs }, { clock: argocd.state.clock, cancel }),
    cli: () => Promise.resolve(undefined),
  }
  // Awaited here: the stage goes with this function.
  return await race.play(scene)
}
