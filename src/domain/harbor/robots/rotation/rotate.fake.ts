import { addTeam } from '../../../../../test/fakes/harbor/images.ts'
import { harborScene } from '../../../../../test/fakes/harbor/scene.ts'
import type { Login, SecretStore } from '../../../secretstore/store.ts'
import { accountOf } from '../../login.ts'
import { rightsFor } from '../presets.ts'
import type { RobotHome } from '../robots.ts'
import type { Rotation, RotationPorts } from './rotate.ts'

const admin = { username: 'admin', password: 'admin-Passw0rd' }
export const day = 86_400_000
/** After which who made a robot is surely gone. */
export const hours = 2 * 3_600_000
export const terms = { before: 14 * day, force: false, overlap: 0, grace: 7 * day }
export const scopes = [{ kind: 'project', namespace: 'team', rights: rightsFor(['push', 'scan']) }] as const
export const robot = { description: 'pushes', duration: 90, scopes }

/** A store that keeps what it was given last. */
function memory(): SecretStore & { readonly kept: Login[] } {
  const kept: Login[] = []
  return { name: 'memory', kept, check: async () => undefined, put: async (login) => void kept.push(login) }
}

/** A project of a Harbor of its own for each test, with nothing in it, and what a rotation there needs. */
export function rotationScene() {
  const scene = harborScene()
  return open

  function open() {
    const { harbor, connect, clock, ports } = scene()
    const { project } = addTeam(harbor, [])
    // The robot that the helper makes is none of ours.
    harbor.state.robots.length = 0
    const home: RobotHome = { level: 'project', project: { id: project.id, name: 'team' } }
    const store = memory()
    const masked: string[] = []
    const steps: string[] = []
    const all: RotationPorts = {
      ...ports,
      secrets: { mask: (value) => void masked.push(value) },
      doing: (what) => void steps.push(what),
      random: () => 0.5,
    }
    const client = connect(admin)
    const rotation: Rotation = { harbor: client, home, base: 'ci', robot, terms, stores: [store] }
    const enabled = (): string[] => harbor.state.robots.filter(({ disabled }) => !disabled).map(({ short }) => short)
    const works = async (): Promise<boolean> => {
      const last = store.kept.at(-1)
      if (last === undefined) return false
      return accountOf(connect(last)).then(
        () => true,
        () => false,
      )
    }
    return { harbor, connect, clock, home, store, masked, steps, ports: all, client, rotation, enabled, works }
  }
}
