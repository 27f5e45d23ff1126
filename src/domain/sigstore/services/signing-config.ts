import * as v from 'valibot'
import { signingConfigInvalid } from './errors.ts'
import { type Service, type SigningConfig, signingConfig } from './schema.ts'

/** Where to sign: the services that were chosen. */
export interface Services {
  /** Fulcio; none is needed with a key. */
  readonly authority?: string | undefined
  readonly logs: readonly { readonly url: string; readonly version: 1 | 2 }[]
  readonly timestamps: readonly string[]
}

/** The public instance of the Sigstore project, as its signing config names it: Rekor 1, whose entries have a time of their own. */
export const publicServices: Services = {
  authority: 'https://fulcio.sigstore.dev',
  logs: [{ url: 'https://rekor.sigstore.dev', version: 1 }],
  timestamps: [],
}

/** Reads a signing config and chooses as it says, at a time in milliseconds; `where` names the file. Throws SW-SIGNING-CONFIG. */
export function chooseServices(text: string, { where, now }: { readonly where: string; readonly now: number }): Services {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), signingConfig), text)
  if (!parsed.success) {
    throw signingConfigInvalid(
      `${where} is no signing config of version 0.2: ${v.getDotPath(parsed.issues[0]) ?? 'the document'}: ${parsed.issues[0].message}.`,
    )
  }
  const { caUrls, rekorTlogUrls, rekorTlogConfig, tsaUrls, tsaConfig } = parsed.output
  const [authority] = validOf(caUrls, [1], now)
  return requireTime(
    {
      authority: authority?.url,
      logs: chosen(validOf(rekorTlogUrls, [1, 2], now), rekorTlogConfig).map(({ url, majorApiVersion }) => ({
        url: trimmed(url),
        version: majorApiVersion === 2 ? 2 : 1,
      })),
      timestamps: chosen(validOf(tsaUrls, [1], now), tsaConfig).map(({ url }) => url),
    },
    where,
  )
}

/** Rekor 2 gives no time of its own, so an authority has to (rekor-tiles, CLIENTS.md). Throws SW-SIGNING-CONFIG. */
export function requireTime(services: Services, where: string): Services {
  if (services.timestamps.length > 0 || !services.logs.some(({ version }) => version === 2)) return services
  throw signingConfigInvalid(`${where} names Rekor 2 and no timestamp authority: nothing would say when it was signed.`, {
    hint: 'set timestamp-url, or tsaUrls in the signing config',
    safe: 'nothing was sent',
  })
}

/** An address without slashes at its end, so that paths can be put behind it. */
export function trimmed(url: string): string {
  return url.replace(/\/+$/, '')
}

/** Those that are valid now and of a version that we speak: the newest version first, then the latest start. */
function validOf(services: readonly Service[], versions: readonly number[], now: number): readonly Service[] {
  const startOf = ({ validFor }: Service): number => Date.parse(validFor?.start ?? '') || 0
  return services
    .filter(({ majorApiVersion }) => versions.includes(majorApiVersion))
    .filter((service) => startOf(service) <= now && !(Date.parse(service.validFor?.end ?? '') < now))
    .toSorted((a, b) => b.majorApiVersion - a.majorApiVersion || startOf(b) - startOf(a))
}

/** One of each operator, and as many as are asked for. */
function chosen(services: readonly Service[], { selector, count }: SigningConfig['tsaConfig']): readonly Service[] {
  const one = services.filter(
    (service, at) => service.operator === '' || services.findIndex(({ operator }) => operator === service.operator) === at,
  )
  if (selector === 'ALL') return one
  if (selector !== 'EXACT') return one.slice(0, 1)
  if (one.length >= count) return one.slice(0, count)
  throw signingConfigInvalid(`The signing config asks for ${count} services of a kind, and ${one.length} are valid now.`)
}
