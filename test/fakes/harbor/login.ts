import type { Asked } from '../../../src/domain/registry/exchange.ts'
import type { Who } from './rights.ts'
import { robotName, type State } from './state.ts'

export interface Logins {
  /** Who the credentials of a request are; wrong ones are nobody's, and said only after a while. */
  whoIs(asked: Asked): Promise<Who>
  /** Whoever logs in by name and password. */
  check(username: string, password: string): Promise<Who>
}

const anonymous: Who = { kind: 'anonymous' }

/** Checks names and passwords. A wrong password is held back, and locks its user for all until `hold` resolves. */
export function createLogins(state: State, hold: () => Promise<void>): Logins {
  const locked = new Map<string, number>()
  return { whoIs, check }

  async function whoIs({ headers: { authorization } }: Asked): Promise<Who> {
    const [, encoded = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization ?? '') ?? []
    const [username = '', ...rest] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
    return encoded === '' ? anonymous : check(username, rest.join(':'))
  }

  async function check(username: string, password: string): Promise<Who> {
    const robot = state.robots.find((one) => robotName(state, one) === username)
    if (robot !== undefined) {
      const isLive = !robot.disabled && (robot.expires === -1 || robot.expires * 1000 > state.now())
      return robot.secret === password && isLive ? { kind: 'robot', robot, name: username } : refused(username, false)
    }
    const user = state.users.find(({ name }) => name === username)
    if (locked.has(username)) return anonymous
    return user?.password === password ? { kind: 'user', user } : refused(username, true)
  }

  /** A robot's wrong secret is held back, too, but its right one is taken meanwhile. */
  async function refused(username: string, locks: boolean): Promise<Who> {
    if (locks) locked.set(username, (locked.get(username) ?? 0) + 1)
    await hold()
    if (locks) {
      const left = (locked.get(username) ?? 1) - 1
      if (left > 0) locked.set(username, left)
      else locked.delete(username)
    }
    return anonymous
  }
}
