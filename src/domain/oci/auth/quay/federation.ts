import * as v from 'valibot'
import { setting } from '../../../cloud/environment.ts'
import { credentialKeyless } from '../../../cloud/errors.ts'
import { ask, readAnswer } from '../../../cloud/exchange.ts'
import { renewalOf } from '../../../cloud/kept.ts'
import type { KeylessPorts } from '../../../cloud/keyless-ports.ts'
import type { PasswordCredential } from '../credential.ts'
import { basicOf } from '../token.ts'

const variable = 'SLIPWAY_QUAY_ROBOT'
const service = 'Quay’s robot federation'
/** Milliseconds that a token lives (Red Hat Quay, “robot account federation”). */
const life = 3_600_000

const Answer = v.object({ token: v.pipe(v.string(), v.nonEmpty()) })

/** The Quay that SLIPWAY_QUAY_ROBOT names, quay.io when it has no host. Throws SW-CREDENTIAL-KEYLESS. */
function robotOf(environment: KeylessPorts['environment']): { host: string; robot: string } | undefined {
  const given = setting(environment, variable)
  if (given === undefined) return undefined
  const [, host = 'quay.io', robot] = /^(?:([a-z0-9.-]+(?::\d+)?)\/)?([a-z0-9_.-]+\+[a-z0-9_.-]+)$/.exec(given) ?? []
  if (robot === undefined)
    throw credentialKeyless(`${variable} is ${JSON.stringify(given)}, expected ORGANISATION+ROBOT or HOST/ORGANISATION+ROBOT.`)
  return { host, robot }
}

/** A token of the robot SLIPWAY_QUAY_ROBOT for this run’s identity, when that robot is of this registry. Throws SW-CREDENTIAL-KEYLESS. */
export async function quayLogin(registry: string, ports: KeylessPorts): Promise<PasswordCredential | undefined> {
  const named = robotOf(ports.environment)
  if (named?.host !== registry) return undefined
  const { robot: username } = named
  const identity = await ports.identity.token(registry)
  ports.secrets.mask(identity)
  const headers = { authorization: basicOf({ username, password: identity }) }
  const refused = 'In the settings of the robot add a federation with the issuer and the subject of this run.'
  const answer = await ask(ports.http, {
    service,
    refused,
    method: 'GET',
    url: `https://${registry}/oauth2/federation/robot/token`,
    headers,
  })
  const { token: password } = readAnswer(answer ?? '', Answer, service)
  const now = ports.clock.now()
  return { kind: 'password', username, password, source: `${service} of ${username}`, renew: renewalOf(now + life, now) }
}
