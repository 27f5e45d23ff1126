import * as v from 'valibot'
import type { Repository } from '../../oci/registry.ts'

/** `GET /api/v2.0/systeminfo` of Harbor; the version is only told to who is logged in there, which a registry's token is not. */
const systemInfo = v.object({ auth_mode: v.string(), harbor_version: v.optional(v.string()) })
/** Before it, Harbor knows no bundle: the image shows as unsigned, and its policy keeps everybody from pulling it. */
const knowsBundles = { major: 2, minor: 15 } as const

/** The formats that a registry's own checks know: bundles everywhere, and at a Harbor that may be too old for them the `.sig` tag too. */
export async function knownFormats(repository: Repository): Promise<'bundle' | 'both'> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), systemInfo), await systemInfoOf(repository))
  return parsed.success && !isNewEnough(parsed.output.harbor_version) ? 'both' : 'bundle'
}

/** What is no Harbor may answer anything, or nothing. */
async function systemInfoOf(repository: Repository): Promise<string> {
  try {
    const response = await repository.send({
      method: 'GET',
      url: '/api/v2.0/systeminfo',
      scopes: [],
      doing: 'ask which registry it is, at',
      expect: [200, 301, 302, 307, 308, 400, 401, 403, 404, 405, 406, 410],
      redirect: 'manual',
      deadline: 5000,
    })
    return await response.text(256 * 1024)
  } catch {
    return ''
  }
}

function isNewEnough(version = ''): boolean {
  const [, major = 0, minor = 0] = (/^v?(\d+)\.(\d+)/.exec(version) ?? []).map(Number)
  return major > knowsBundles.major || (major === knowsBundles.major && minor >= knowsBundles.minor)
}
