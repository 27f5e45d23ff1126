import type { CloudRequest, CloudService } from './cloud.ts'

/** Quay's robot federation: an identity token of a trusted issuer, as the password of the robot, for a token of Quay's. */
export function fakeQuay({ host, robot, identity, token }: { host: string; robot: string; identity: string; token: string }): CloudService {
  return ({ method, url, headers }: CloudRequest) => {
    if (url.host !== host || url.pathname !== '/oauth2/federation/robot/token') return undefined
    const expected = `Basic ${Buffer.from(`${robot}:${identity}`).toString('base64')}`
    if (method === 'GET' && headers['authorization'] === expected) return { status: 200, body: { token } }
    return { status: 401, body: { error: 'Token does not match robot' } }
  }
}
