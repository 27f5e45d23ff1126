import type { Party } from '../../domain/sbom/read/document.ts'
import { parseParty } from '../../domain/sbom/read/party.ts'
import type { Input, SbomContext } from './listed.ts'

const vendor = 'org.opencontainers.image.vendor'

/** Who answers for the SBOM: as the input says, else the vendor on the image's label, else the owner of the repository. */
export function authorOf(
  { author }: Input,
  { source }: Pick<SbomContext, 'source'>,
  labels: Readonly<Record<string, string>> = {},
): { readonly author: Party } | Record<never, never> {
  const [party] = parseParty(author ?? labels[vendor] ?? '')
  const found = party ?? ownerOf(source.repository)
  return found === undefined ? {} : { author: found }
}

/** `https://github.com/acme` of `https://github.com/acme/app`. */
function ownerOf(repository: string | undefined): Party | undefined {
  const url = repository === undefined ? null : URL.parse(repository)
  const [name, project] = url?.pathname.split('/').filter((part) => part !== '') ?? []
  if (url === null || !url.protocol.startsWith('http') || name === undefined || project === undefined) return undefined
  return { name, contact: `${url.origin}/${name}` }
}
