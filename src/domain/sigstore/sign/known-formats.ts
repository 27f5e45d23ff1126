import * as v from 'valibot'
import type { HttpRequest } from '../../../spec/ports.ts'
import { basicOf } from '../../oci/auth/token.ts'
import type { Repository } from '../../oci/registry.ts'

/** `GET /api/v2.0/systeminfo` of Harbor. */
const systemInfo = v.object({ auth_mode: v.string(), harbor_version: v.optional(v.string()) })
/** Before it, Harbor knows no bundle: the image shows as unsigned, and its policy keeps everybody from pulling it. */
const knowsBundles = { major: 2, minor: 15 } as const

const call = {
  method: 'GET',
  expect: [200, 301, 302, 307, 308, 400, 401, 403, 404, 405, 406, 410],
  redirect: 'manual',
  deadline: 5000,
} as const satisfies Omit<HttpRequest, 'url'>
const path = '/api/v2.0/systeminfo'

/** The formats that a registry's own checks know: bundles everywhere, and at a Harbor that may be too old for them the `.sig` tag too. */
export async function knownFormats(repository: Repository): Promise<'bundle' | 'both'> {
  const found = parsed(await answerOf(repository))
  if (found === undefined) return 'bundle'
  const version = found.harbor_version ?? (await versionOf(repository))
  return isNewEnough(version) ? 'bundle' : 'both'
}

/** What is no Harbor may answer anything, or nothing. */
async function answerOf(repository: Repository): Promise<string> {
  try {
    const response = await repository.send({ ...call, url: path, scopes: [], doing: 'ask which registry it is, at' })
    return await response.text(256 * 1024)
  } catch {
    return ''
  }
}

/** A Harbor tells its version to who is logged in, which the bearer of a registry's token is not: now that it is one, by the password. */
async function versionOf(repository: Repository): Promise<string | undefined> {
  try {
    const { origin, credential, http } = await repository.server()
    if (credential?.kind !== 'password') return undefined
    const headers = { authorization: basicOf(credential) }
    const response = await http.request({ ...call, url: `${origin}${path}`, home: origin, headers })
    return parsed(await response.text(256 * 1024))?.harbor_version
  } catch {
    return undefined
  }
}

function parsed(text: string): v.InferOutput<typeof systemInfo> | undefined {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), systemInfo), text)
  return read.success ? read.output : undefined
}

function isNewEnough(version = ''): boolean {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(version) ?? []).map(Number)
  return major > knowsBundles.major || (major === knowsBundles.major && minor >= knowsBundles.minor)
}
