// Records what the lab's Argo CD answers to the walk: eval "$(lab env DIR)" && node test/argocd/record.ts
import { realStage } from './real-stage.ts'
import { settled, writeRecording } from './recording.ts'
import { walk } from './walk.ts'

await using stage = realStage(process.env)
writeRecording('walk', (await walk(stage)).map(settled).map(Object))
