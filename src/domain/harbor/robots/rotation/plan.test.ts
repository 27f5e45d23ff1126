import { describe, expect, it } from '@jest/globals'
import type { HarborRobot } from '../schema.ts'
import { currentOf, generationsOf, nameOfGeneration, pendingDescription } from './generation.ts'
import { planRotation, type RotationTerms } from './plan.ts'

const day = 86_400_000
const now = Date.parse('2026-11-22T12:00:00Z')
const usual: RotationTerms = { before: 14 * day, force: false, overlap: 0, grace: 7 * day }

interface Said {
  readonly made?: number
  readonly left?: number
  readonly pending?: boolean
  readonly disabled?: boolean
}

/** A robot made so many days ago, with so many left. */
function robot(name: string, { made = 1, left, pending = false, disabled = false }: Said = {}): HarborRobot {
  return {
    ...{
      id: 1,
      name: `robot$team+${name}`,
      level: 'project',
      isEditable: true,
      duration: left === undefined ? -1 : made + left,
      scopes: [],
    },
    description: pending ? pendingDescription('pushes') : 'pushes',
    ...{ isDisabled: disabled, created: now - made * day, expires: left === undefined ? undefined : now + left * day },
  }
}

const names = (all: readonly { readonly robot: HarborRobot }[]): string[] => all.map((one) => one.robot.name.slice('robot$team+'.length))

describe('generations of a name', () => {
  it('are the name itself and those with a number, and no other', () => {
    const all = ['ci-g10', 'ci-g2', 'ci', 'ci-g1', 'ci-g02', 'ci-gx', 'ci-g3-g2', 'xci', 'ci2'].map((name) => robot(name))
    expect(names(generationsOf(all, 'ci'))).toEqual(['ci', 'ci-g2', 'ci-g10'])
    expect([1, 2, 10].map((number) => nameOfGeneration('ci', number))).toEqual(['ci', 'ci-g2', 'ci-g10'])
  })

  it.each([
    ['robot$sys', 'sys'],
    ['robot+sys-g2', 'sys'],
    ['robot$p.q+sys', 'sys'],
  ])('%s is one of %s, whatever the prefix', (name, base) => {
    expect(generationsOf([{ ...robot('x'), name }], base)).toHaveLength(1)
  })

  it('have one whose secret is in use: the newest that was handed over and is enabled', () => {
    const all = [robot('ci', { disabled: true }), robot('ci-g2'), robot('ci-g3', { pending: true }), robot('ci-g4', { disabled: true })]
    expect(currentOf(generationsOf(all, 'ci'))?.number).toBe(2)
  })
})

describe('a plan', () => {
  it.each<[string, readonly HarborRobot[], Partial<RotationTerms>, number | undefined, string | undefined]>([
    ['no robot', [], {}, 1, 'there is none'],
    ['one for ever', [robot('ci')], {}, undefined, undefined],
    ['one with time left', [robot('ci', { left: 15 })], {}, undefined, undefined],
    ['one with little left', [robot('ci', { left: 13 })], {}, 2, 'it expires on 2026-12-05'],
    ['an expired one', [robot('ci', { left: -1 })], {}, 2, 'it expired on 2026-11-21'],
    ['a disabled one', [robot('ci', { disabled: true })], {}, 2, 'none is enabled'],
    ['one with time left, on demand', [robot('ci', { left: 90 })], { force: true }, 2, 'it was asked for'],
    ['one half done', [robot('ci', { left: 90 }), robot('ci-g2', { pending: true })], {}, 3, 'one before was not handed over'],
    ['one half done and given up', [robot('ci'), robot('ci-g2', { pending: true, disabled: true })], {}, undefined, undefined],
    ['one of three', [robot('ci', { disabled: true }), robot('ci-g7', { left: 1 })], {}, 8, 'it expires on 2026-11-23'],
  ])('for %s', (_, robots, terms, number, why) => {
    const { make } = planRotation(generationsOf(robots, 'ci'), { ...usual, ...terms }, now)
    expect(make).toEqual(number === undefined ? undefined : { number, why })
  })

  it('takes those before out of use at once, or after a while, and deletes them later', () => {
    const all = generationsOf(
      [
        ...[
          robot('ci', { disabled: true }),
          robot('ci-g2', { made: 2.5 }),
          robot('ci-g3', { pending: true, made: 2.4 }),
          robot('ci-g4', { made: 2 }),
        ],
      ],
      'ci',
    )
    const plan = (terms: Partial<RotationTerms>) => planRotation(all, { ...usual, ...terms }, now)
    expect(names(plan({}).disable)).toEqual(['ci-g2', 'ci-g3'])
    expect(names(plan({}).remove)).toEqual([])
    expect(names(plan({ overlap: 3 * day }).disable)).toEqual([])
    expect(names(plan({ grace: 2 * day }).remove)).toEqual(['ci'])
    expect(names(plan({ overlap: day, grace: 2 * day }).remove)).toEqual([])
  })

  it('counts the overlap of each from the one that followed it, however often they are replaced', () => {
    const all = generationsOf([robot('ci', { made: 3 }), robot('ci-g2', { made: 2 }), robot('ci-g3', { made: 0.5 })], 'ci')
    expect(names(planRotation(all, { ...usual, overlap: day }, now).disable)).toEqual(['ci'])
  })

  const hour = day / 24
  it.each([
    ['one that is on its way', 0.5, 0.1, false, undefined],
    ['one that may have reached a store late', 2.5, 2, false, 3],
    ['one that was given up long before', 3, 1, true, undefined],
  ])('of %s, made %f hours ago and overtaken %f hours ago', (_, made, overtaken, isDisabled, next) => {
    const all = [robot('ci', { made: (made * hour) / day, pending: true }), robot('ci-g2', { made: (overtaken * hour) / day })]
    const { disable, make } = planRotation(generationsOf(all, 'ci'), usual, now)
    expect([names(disable), make?.number]).toEqual([isDisabled ? ['ci'] : [], next])
  })

  it('by a clock behind that of Harbor still takes those before out of use at once', () => {
    const all = generationsOf([robot('ci'), robot('ci-g2', { made: -1 })], 'ci')
    expect(names(planRotation(all, usual, now).disable)).toEqual(['ci'])
  })

  it('leaves robots of Harbor 1 alone, which cannot be changed', () => {
    const all = generationsOf([{ ...robot('ci'), isEditable: false }, robot('ci-g2')], 'ci')
    expect(planRotation(all, usual, now).disable).toEqual([])
  })
})
