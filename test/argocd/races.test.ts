/** The races of Argo CD, on the fake: the same scenes are played on the lab's real one in test/e2e/argocd.test.ts. */
import { beforeAll, expect, it } from '@jest/globals'
import { fakeStage } from './fake-stage.ts'
import { pool } from './pool.ts'
import { races } from './races/races.ts'
import type { Outcome, Race, Scene } from './scene.ts'
import { syncHere } from './task-here.ts'

let played: ReadonlyMap<Race, Promise<Outcome>>
beforeAll(() => {
  played = pool(races, 8, play)
})

it.each(races.map((race) => [race.name, race] as const))(
  '%s',
  async (_, race) => {
    const outcome = await played.get(race)
    const { expected, fails = !['deployed', 'unchanged', 'superseded'].includes(race.expected) } = race
    expect({ ...outcome, exit: outcome?.exit !== 0 }).toMatchObject({ result: expected, exit: fails })
  },
  180_000,
)

async function play(race: Race): Promise<Outcome> {
  await using stage = await fakeStage(5)
  const { argocd, server, ci: token } = stage
  const scene: Scene = {
    ...stage,
    sync: (inputs, cancel) => syncHere({ server, token, ...inputs }, { clock: argocd.state.clock, cancel }),
    cli: () => Promise.resolve(undefined),
  }
  // Awaited here: the stage goes with this function.
  return await race.play(scene)
}
