import { randomBytes } from 'node:crypto'
import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, denied, done, forbidden, json, notFound, page, unauthorized } from '../answers.ts'
import { findProject, isAdmin, mayIn, nameOf, robotMay, type Who } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { nextId, type Permission, type Robot, robotName, type State, timeOf } from '../state.ts'
import { isPermission, matching, strongSecret } from '../vocabulary.ts'

const day = 86_400

/** Robots of both levels. The secret of a new one is ours, whatever was asked; a changed one is never told. */
export const robotRoutes: Routes = {
  'POST /robots': create,
  'GET /robots': list,
  'GET /robots/:robot': (call) => json(view(call.state, find(call, 'robot:read'))),
  'PUT /robots/:robot': update,
  'PATCH /robots/:robot': refresh,
  'DELETE /robots/:robot': (call) => {
    const robot = find(call, 'robot:delete')
    call.state.robots.splice(call.state.robots.indexOf(robot), 1)
    return done()
  },
}

function view(state: State, robot: Robot) {
  const { id, level, created, updated, creator, creatorType, description, disabled, duration, expires, permissions } = robot
  return {
    ...{ creation_time: created, creator_ref: creator, creator_type: creatorType, ...(description === undefined ? {} : { description }) },
    ...{ disable: disabled, duration, editable: true, expires_at: expires, id, level, name: robotName(state, robot) },
    permissions: permissions.map(({ access, kind, namespace }) => ({ access, kind, namespace })),
    update_time: updated,
  }
}

/** Robots are their project's, or the system's. */
function requireRight({ state, who }: Call, right: string, { level, permissions }: Pick<Robot, 'level' | 'permissions'>): void {
  if (who.kind === 'anonymous') throw unauthorized()
  if (isAdmin(who)) return
  const project = level === 'project' ? findProject(state, permissions[0]?.namespace ?? '', true) : undefined
  if (project === undefined && level === 'project') throw forbidden()
  const may =
    project === undefined
      ? who.kind === 'robot' && robotMay(who.robot.permissions, { kind: 'system', namespace: '/' }, right)
      : mayIn(project, who, right)
  if (!may) throw forbidden()
}

function find(call: Call, right: string): Robot {
  const written = call.params['robot'] ?? ''
  const robot = call.state.robots.find(({ id }) => String(id) === written)
  if (robot === undefined) throw notFound(`robot ${written} not found`)
  requireRight(call, right, robot)
  return robot
}

interface Wanted {
  readonly level: string
  readonly duration: number
  readonly permissions: readonly Permission[]
}

/** What Harbor checks of a new robot and of a changed one. */
function checked(body: Record<string, unknown>): Wanted {
  const { level = '', duration = 0, permissions } = body
  if (level !== 'project' && level !== 'system') throw badRequest(`bad request error level input: ${level}`)
  if (typeof duration !== 'number' || (duration !== -1 && duration < 1)) {
    throw badRequest(`bad request error duration input: ${duration}, duration must be either -1(Never) or a positive integer`)
  }
  const all: readonly Permission[] = Array.isArray(permissions) ? permissions : []
  if (all.length === 0) throw badRequest('bad request empty permission')
  if (level === 'project' && all.length > 1) throw badRequest('bad request permission')
  for (const { kind, access } of all) {
    const unknown = access.find((one) => !isPermission(kind, one))
    if (unknown !== undefined) throw badRequest(`bad request permission: ${unknown.resource}:${unknown.action}`)
  }
  return { level, duration, permissions: all }
}

function create(call: Call): Reply {
  const { state, who } = call
  const body = call.body('robot')
  const short = String(body['name'])
  if (!/^[a-z0-9]+(?:[._-][a-z0-9]+)*$/.test(short)) throw badRequest('robot name is not in lower case or contains illegal characters')
  const { level, duration, permissions } = checked(body)
  const namespace = permissions[0]?.namespace ?? ''
  if (level === 'project' && isAdmin(who) && findProject(state, namespace, true) === undefined)
    throw notFound(`project ${namespace} not found`)
  requireRight(call, 'robot:create', { level, permissions })
  requireWithin(who, permissions)
  const robot: Robot = {
    ...{ id: nextId(state, 'robot'), short, level, created: timeOf(state), updated: timeOf(state), creator: creatorOf(who) },
    ...{ creatorType: who.kind === 'robot' ? 'robot' : 'local', disabled: false, duration, permissions },
    description: typeof body['description'] === 'string' ? body['description'] : undefined,
    ...{ expires: duration === -1 ? -1 : Math.floor(state.now() / 1000) + duration * day, secret: newSecret() },
  }
  const name = robotName(state, robot)
  if (state.robots.some((one) => robotName(state, one) === name)) {
    const project = findProject(state, namespace, true)?.id ?? 0
    throw conflict(`robot account ${project}:${level === 'project' ? `${namespace}+` : ''}${short} already exists`)
  }
  state.robots.push(robot)
  const told = { creation_time: robot.created, expires_at: robot.expires, id: robot.id, name, secret: robot.secret }
  return { ...json(told, { location: `/api/v2.0/robots/${robot.id}` }), status: 201 }
}

/** A robot's robots may do no more than it may itself. */
function requireWithin(who: Who, permissions: readonly Permission[]): void {
  if (who.kind !== 'robot') return
  const lacks = permissions.some(({ kind, namespace, access }) =>
    access.some(({ resource, action }) => !robotMay(who.robot.permissions, { kind, namespace }, `${resource}:${action}`)),
  )
  if (lacks)
    throw denied(
      `permission scope is invalid. It must be equal to or more restrictive than the creator robot's permissions: ${nameOf(who)}`,
    )
}

function creatorOf(who: Who): number {
  return who.kind === 'user' ? who.user.id : who.kind === 'robot' ? who.robot.id : 0
}

function newSecret(): string {
  return `${randomBytes(15).toString('hex')}aA1`
}

function update(call: Call): Reply {
  const robot = find(call, 'robot:update')
  const body = call.body('robot')
  const { level, duration, permissions } = checked(body)
  if (level !== robot.level || body['name'] !== robotName(call.state, robot)) throw badRequest('cannot update the level or name of robot')
  robot.disabled = body['disable'] === true
  robot.description = typeof body['description'] === 'string' ? body['description'] : undefined
  if (duration !== robot.duration) robot.expires = duration === -1 ? -1 : Math.floor(Date.parse(robot.created) / 1000) + duration * day
  robot.duration = duration
  robot.permissions = permissions
  robot.updated = timeOf(call.state)
  return done()
}

function refresh(call: Call): Reply {
  const robot = find(call, 'robot:update')
  const { secret } = call.body('robotSec')
  if (secret !== undefined && secret !== '') {
    if (!strongSecret(secret))
      throw badRequest(
        'the secret must be 8-128, inclusively, characters long with at least 1 uppercase letter, 1 lowercase letter and 1 number',
      )
    robot.secret = String(secret)
    return json({})
  }
  robot.secret = newSecret()
  return json({ secret: robot.secret })
}

function list(call: Call): Reply {
  const { state, who, query } = call
  if (who.kind === 'anonymous') throw unauthorized()
  const q = decodeURIComponent(query.get('q') ?? '')
  const level = /(?:^|,)Level=(\w+)/.exec(q)?.[1] ?? 'system'
  const project = /(?:^|,)ProjectID=(\d+)/.exec(q)?.[1]
  if (level === 'project' && project === undefined) throw badRequest('must with project ID when to query project robots')
  const found = project === undefined ? undefined : findProject(state, project)
  if (project === undefined && !isAdmin(who)) throw forbidden(nameOf(who))
  if (project !== undefined && (found === undefined || !mayIn(found, who, 'robot:list'))) throw forbidden()
  const own = state.robots.filter((one) => one.level === level && (found === undefined || one.permissions[0]?.namespace === found.name))
  const matches = matching(query.get('q'))
  const stored = (one: Robot): string => (level === 'project' ? `${found?.name}+${one.short}` : one.short)
  const named = own.filter((one) => matches({ name: stored(one) }))
  return page(named.toReversed(), call, { shown: (one) => view(state, one) })
}
