import { describe, expect, it } from '@jest/globals'
import { addRobot, addTeam, pushImage } from '../../../test/fakes/harbor/images.ts'
import { harborScene } from '../../../test/fakes/harbor/scene.ts'
import { harborDenied } from './errors.ts'
import { addLabels } from './labels.ts'

const scene = harborScene()
const rights = ['repository:pull', 'repository:push', 'artifact:read', 'artifact-label:create', 'label:list', 'label:create']

/** Labels an image as a robot with these rights. */
async function label(names: readonly string[], { allowed = rights, times = 1 } = {}) {
  const { harbor, connect } = scene()
  const { project } = addTeam(harbor, [])
  const { state } = harbor
  const common = { description: undefined, color: undefined, created: '', updated: '' }
  state.labels.push({ ...common, id: 71, name: 'tested', scope: 'p', project: project.id })
  state.labels.push({ ...common, id: 72, name: 'everywhere', scope: 'g', project: undefined })
  const digest = await pushImage(harbor, 'team/deep/app')
  const client = connect(addRobot(harbor, 'team', allowed))
  const image = { repository: { project: 'team', name: 'deep/app' }, digest }
  const added: (readonly string[])[] = []
  for (let time = 0; time < times; time += 1) added.push(await addLabels(client, image, names))
  const ids = state.repositories[0]?.artifacts.get(digest)?.labels ?? []
  return { added, names: ids.map((id) => state.labels.find((one) => one.id === id)?.name), labels: state.labels }
}

describe('labels of an image', () => {
  it('are those of the project, global ones, and new ones of the project', async () => {
    const { added, names, labels } = await label(['tested', 'everywhere', 'new'])
    expect([added, names]).toEqual([[['tested', 'everywhere', 'new']], ['tested', 'everywhere', 'new']])
    expect(labels.at(-1)).toMatchObject({ name: 'new', scope: 'p' })
  })

  it('that it has already are left alone', async () => {
    expect((await label(['tested'], { times: 2 })).added).toEqual([['tested'], []])
  })

  it.each([
    ['set', 'artifact-label:create', ['tested']],
    ['made', 'label:create', ['new']],
  ])('that may not be %s name the right', async (_, right, names) => {
    const failed = await label(names, { allowed: rights.filter((one) => one !== right) }).catch((error: unknown) => error)
    expect(harborDenied.is(failed)).toBe(true)
    expect(failed).toMatchObject({ hint: `Give the account \`${right}\`.` })
  })
})
