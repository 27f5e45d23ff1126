import { describe, expect, test } from '@jest/globals'
import { chooseEngine } from './choose.ts'
import { type Answer, buildah, buildx, machine, silent } from './fixtures/machine.ts'

describe('the engine that auto takes', () => {
  test.each<[string, Readonly<Record<string, Answer>>, string, RegExp]>([
    ['both', { ...buildah, ...buildx }, 'buildx 0.29.1+ds1', /Docker with buildx answers/],
    ['buildah alone', buildah, 'buildah 1.28.2', /no buildx: docker is not on PATH/],
    [
      'buildah, and Docker that is down',
      { ...buildah, ...silent },
      'buildah 1.28.2',
      /no buildx: the builder does not answer: Cannot connect/,
    ],
    [
      'buildah, and Docker without buildx',
      {
        ...buildah,
        'docker buildx': { code: 1, stderr: "docker: unknown command: docker buildx\n\nRun 'docker --help' for more information" },
      },
      'buildah 1.28.2',
      /no buildx: docker says: docker: unknown command/,
    ],
    [
      'buildah, and Docker that hangs',
      { ...buildah, 'docker buildx': { code: null, timedOut: true } },
      'buildah 1.28.2',
      /did not answer within 30 s/,
    ],
  ])('of %s', async (_, answers, name, why) => {
    const chosen = await chooseEngine('auto', machine(answers).ports)
    expect(`${chosen.engine.name} ${chosen.engine.version}`).toBe(name)
    expect(chosen.why).toMatch(why)
  })

  test.each([
    ['auto', 'its builder remote is asked for'],
    ['buildx', 'its builder remote is asked for'],
  ] as const)('%s is buildx where a builder is named, also beside buildah', async (asked, why) => {
    const here = machine({ ...buildah, ...buildx, 'docker buildx inspect remote': { stdout: 'Name: remote\nDriver: remote\n' } })
    expect(await chooseEngine(asked, here.ports, 'remote')).toMatchObject({ engine: { name: 'buildx' }, why })
    expect(here.ran.at(-1)?.argv).toEqual(['docker', 'buildx', 'inspect', 'remote'])
  })

  test.each([
    ['buildah', 'SW-ENGINE-INPUT', 'builder is other, and the engine is buildah', 'engine: buildx'],
    ['auto', 'SW-ENGINE-MISSING', 'no builder "other" found', 'docker buildx inspect other'],
  ] as const)('%s with a builder that it has not is refused, and no other taken', async (asked, code, message, hint) => {
    const none = { code: 1, stderr: 'ERROR: no builder "other" found' }
    const here = machine({ ...buildah, ...buildx, 'docker buildx inspect other': none })
    await expect(chooseEngine(asked, here.ports, 'other')).rejects.toMatchObject({
      ...{ code, message: expect.stringContaining(message), hint: expect.stringContaining(hint) },
    })
  })

  test.each([
    ['auto', {}, /docker is not on PATH; buildah is not on PATH/, /apt-get install buildah; or start Docker; or set engine: native/],
    ['buildah', buildx, /engine is buildah, and it cannot be used: buildah is not on PATH/, /apt-get install buildah/],
    ['buildx', { ...buildah, ...silent }, /engine is buildx, and it cannot be used: the builder does not answer/, /docker buildx inspect/],
  ] as const)('%s is refused when there is none', async (asked, answers, message, hint) => {
    await expect(chooseEngine(asked, machine(answers).ports)).rejects.toMatchObject({
      code: 'SW-ENGINE-MISSING',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })
})
