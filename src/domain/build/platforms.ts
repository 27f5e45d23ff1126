import { formatPlatform, isSamePlatform, parsePlatform } from '../oci/platform.ts'
import type { Platform } from '../oci/types.ts'
import { settingInvalid } from './errors.ts'

/** OCI's names of processors, by Node's. */
const processors: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le' }

/** The platform of a machine from Node's names (`process.platform`, `process.arch`). */
export function machinePlatform(os: string, architecture: string): Platform {
  return { os, architecture: processors[architecture] ?? architecture }
}

/**
 * The platforms asked for, in their order; when none is, the machine's processor under Linux, which is what containers run.
 * @throws SW-BUILD-SETTING
 */
export function parsePlatforms(texts: readonly string[], machine: Platform): readonly Platform[] {
  if (texts.length === 0) return [{ os: 'linux', architecture: machine.architecture }]
  const platforms = texts.map((text) => {
    const platform = parsePlatform(text.trim())
    if (platform === undefined) throw settingInvalid(`platforms has ${JSON.stringify(text)}, expected linux/amd64 or linux/arm/v7.`)
    return plain(platform)
  })
  const twice = platforms.find((platform, index) => platforms.findIndex((other) => isSamePlatform(other, platform)) !== index)
  if (twice !== undefined) throw settingInvalid(`platforms has ${formatPlatform(twice)} twice.`)
  return platforms
}

/** Replaces `{platform}`, `{os}`, `{arch}` and `{variant}` in a path, so that each platform can have files of its own. */
export function fillIn(text: string, platform: Platform): string {
  const { os, architecture, variant = '' } = platform
  return text
    .replaceAll('{platform}', formatPlatform(platform))
    .replaceAll('{os}', os)
    .replaceAll('{arch}', architecture)
    .replaceAll('{variant}', variant)
}

/** arm64 has one variant in practice, which tools leave out (containerd, platforms.Normalize). */
function plain({ variant, ...platform }: Platform): Platform {
  return variant === undefined || (platform.architecture === 'arm64' && variant === 'v8') ? platform : { ...platform, variant }
}
