import type { Exchange } from './recording.ts'

type Belongs = (scenario: string, exchange: Exchange) => boolean

const is =
  (...names: readonly string[]): Belongs =>
  (scenario) =>
    names.includes(scenario)
const isApi = ({ req }: Exchange): boolean => req.path.startsWith('/api/')
const text = ({ res }: Exchange): string => JSON.stringify(res.body ?? '')

/** The ten rules that a client should draw from the recording, and the exchanges that each comes from. */
export const rules: Readonly<Record<string, Belongs>> = {
  'no cookies; the login is asked of /users/current': (scenario, one) =>
    scenario === '02-csrf-session' || /\/(?:users\/current|systeminfo|ping)$/.test(one.req.path),
  'the token is decoded: 200 with no actions is a refusal': (scenario, one) =>
    scenario === '07-token' || one.req.path.startsWith('/service/token'),
  '401 is no right, no project or an expired token; the lock passes': (scenario, one) =>
    one.res.status === 401 && one.req.path.startsWith('/v2/') && scenario !== '29-token-expiry-spec',
  'a locked login': is('24b-login-lock'),
  'errors have a code, or are empty, text or HTML': (scenario, one) => scenario === '25-outage' || [416, 405, 502].includes(one.res.status),
  '412 has four meanings': (_, one) => one.res.status === 412 && !one.req.path.includes('/webhook/'),
  'content trust and the way past it': is('14-content-trust', '14b-policy-bypass'),
  'Accept names all types of manifests': (_, one) => text(one).includes('MANIFEST_UNKNOWN'),
  'a scan is asked for, waited for and known by its report': (scenario, one) =>
    ['16-scan', '15-scanner-registry', '18-sbom'].includes(scenario) &&
    /\/artifacts\/[^/]+(?:\/scan(?:\/stop)?$|\/additions\/|\?)/.test(one.req.path),
  'null, absent and empty lists; times in five shapes': (scenario, one) => scenario === '08-push-artifacts' && isApi(one),
  'pages to X-Total-Count': (scenario, one) =>
    ['03-projects', '13c-many'].includes(scenario) && one.res.headers['x-total-count'] !== undefined,
  'repository names are encoded twice': (_, one) => isApi(one) && /%25?2F/.test(one.req.path.split('?')[0] ?? ''),
  '403 is the quota, read-only mode or no right': (_, one) => one.res.status === 403 && isApi(one),
}
