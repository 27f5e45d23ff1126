// Records at the lab's Argo CD what it answers to the walk, and the shape of all that it answers in the races:
//   eval "$(lab env DIR)"; PATH="$(lab path):$PATH" node test/argocd/record.ts [walk|shapes]
import { pool } from './pool.ts'
import { races } from './races/races.ts'
import { realStage } from './real-stage.ts'
import { type Shapes, startRecorder } from './recorder.ts'
import { settled, writeRecording } from './recording.ts'
import type { Race } from './scene.ts'
import { syncProcess } from './task-process.ts'
import { walk } from './walk.ts'

const what = process.argv[2] ?? 'walk shapes'
if (what.includes('walk')) {
  await using stage = realStage(process.env)
  writeRecording('walk', (await walk(stage)).map(settled).map(Object))
}
if (what.includes('shapes')) {
  const shapes: Shapes = new Map()
  const beside = races.filter(({ isAlone = false }) => !isAlone)
  await Promise.allSettled(pool(beside, 6, (race) => recorded(race, shapes)).values())
  for (const race of races.filter(({ isAlone = false }) => isAlone)) await recorded(race, shapes)
  writeRecording(
    'shapes',
    [...shapes].toSorted().map(([answer, paths]) => ({ answer, paths: [...paths].toSorted() })),
  )
}

async function recorded(race: Race, shapes: Shapes): Promise<void> {
  await using stage = realStage(process.env)
  await using recorder = await startRecorder(stage.server, shapes)
  const given = { server: recorder.url, token: stage.ci }
  const outcome = await race.play({
    ...stage,
    server: recorder.url,
    sync: (inputs, cancel) => syncProcess({ ...given, ...inputs }, cancel),
    cli: () => Promise.resolve(undefined),
  })
  process.stderr.write(`${outcome.result === race.expected ? ' ' : `NOT ${race.expected}: `}${outcome.result}: ${race.name}\n`)
}
