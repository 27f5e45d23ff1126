/** What a real Argo CD 3.2.11 answered to the walk, asked of the fake again: the same status and the same body, but for what is listed here. */
import { expect, it } from '@jest/globals'
import { differences } from './differences.ts'
import { fakeStage } from './fake-stage.ts'
import { readRecording, settled } from './recording.ts'
import { type Step, walk } from './walk.ts'

/** Of these, less is compared. */
const partly: Readonly<Record<string, (body: unknown) => unknown>> = {
  'its events': (body) => Object.keys(Object(Object(body).items[0])),
  'its managed resources': (body) => Object(body).items.map((item: object) => Object.keys(item)),
}

it('answers as Argo CD does', async () => {
  await using stage = await fakeStage(10)
  const recorded = readRecording<Step>('walk')
  const steps = await walk(stage)
  expect(steps.map(({ title, status }) => `${status} ${title}`)).toEqual(recorded.map(({ title, status }) => `${status} ${title}`))
  const unlike = steps.flatMap(({ title, body }, index) => {
    const compared = partly[title] ?? ((whole: unknown) => whole)
    return differences(compared(recorded[index]?.body), compared(settled(body))).map((difference) => `${title}: ${difference}`)
  })
  expect(unlike).toEqual([])
})
