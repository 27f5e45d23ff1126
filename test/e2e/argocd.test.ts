/**
 * The races of Argo CD on the lab's real one, with argocd-sync as a process of its own and the argocd CLI beside it where it is misled.
 * With a node or without: nobody but the scenes writes the status of what is deployed here.
 */
import { beforeAll, describe, it } from '@jest/globals'
import { assertOutcome } from '../argocd/assert-outcome.ts'
import { pool } from '../argocd/pool.ts'
import { races } from '../argocd/races/races.ts'
import { realStage } from '../argocd/real-stage.ts'
import type { Outcome, Race, Scene } from '../argocd/scene.ts'
import { syncProcess } from '../argocd/task-process.ts'
import { end } from '../real/program.ts'

/** Programs at once: each is a process of its own, and Argo CD has its share of the machine. */
const most = 6

async function play(race: Race): Promise<Outcome> {
  await using stage = realStage(process.env)
  const { server, admin, ci: token } = stage
  const own = ['--server', new URL(server).host, '--plaintext', '--auth-token', admin]
  const scene: Scene = {
    ...stage,
    sync: (inputs, cancel) => syncProcess({ server, token, ...inputs }, cancel),
    cli: (argv) => end(['argocd', ...argv, ...own]),
  }
  // Awaited here: the stage goes with this function.
  return await race.play(scene)
}

const table = (isAlone: boolean): (readonly [string, Race])[] =>
  races.filter((race) => (race.isAlone ?? false) === isAlone).map((race) => [race.name, race])

describe('beside each other', () => {
  let played: ReadonlyMap<Race, Promise<Outcome>>
  beforeAll(() => {
    played = pool(
      table(false).map(([, race]) => race),
      most,
      play,
    )
  })

  it.each(table(false))('%s', async (_, race) => assertOutcome(await played.get(race), race), 600_000)
})

describe('one at a time', () => {
  it.each(table(true))('%s', async (_, race) => assertOutcome(await play(race), race), 300_000)
})
