import { harborOf, patience } from '../../harbor/at-registry.ts'
import { systemOf } from '../../harbor/login.ts'
import type { Repository } from '../../oci/registry.ts'

/**
 * The formats that a registry's own checks know: bundles everywhere, and the `.sig` tag too at a Harbor before 2.15, or that does not say
 * which it is. Before it Harbor shows an image with a bundle as unsigned, and its policy keeps everybody from pulling it.
 */
export async function knownFormats(repository: Repository): Promise<'bundle' | 'both'> {
  try {
    const harbor = await harborOf(repository, patience)
    if (harbor === undefined) return 'bundle'
    const { version, bundles } = await systemOf(harbor)
    return version !== undefined && bundles ? 'bundle' : 'both'
  } catch {
    // What cannot say what it is may be an old one; the signature itself will tell whether it can be reached.
    return 'both'
  }
}
