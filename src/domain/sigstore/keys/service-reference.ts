import { keyReferenceInvalid } from './errors.ts'

/** A key that stays in a key service, as cosign names it. */
export type ServiceReference =
  | {
      readonly service: 'hashivault'
      readonly key: string
      /** Of the key; default the latest. cosign has no way to write it. */
      readonly version?: number
    }
  | {
      readonly service: 'awskms'
      /** `host` or `host:port` where the service is asked; default AWS’s own in the region. */
      readonly host?: string
      /** Identifier, ARN or alias, as AWS takes it. */
      readonly key: string
      /** Of an ARN. */
      readonly region?: string
    }
  | {
      readonly service: 'gcpkms'
      /** `projects/P/locations/L/keyRings/R/cryptoKeys/K` */
      readonly key: string
      readonly version?: string
    }
  | {
      readonly service: 'azurekms'
      readonly host: string
      readonly key: string
      readonly version?: string
    }

/** The syntax of cosign (sigstore, pkg/signature/kms), for messages. */
const forms = {
  hashivault: 'hashivault://KEY, or hashivault://KEY/versions/N',
  awskms: 'awskms:///KEY-ID, awskms:///alias/NAME, awskms:///arn:aws:kms:…, or the same after awskms://HOST',
  gcpkms: 'gcpkms://projects/P/locations/L/keyRings/R/cryptoKeys/K, with or without /cryptoKeyVersions/N',
  azurekms: 'azurekms://VAULT.vault.azure.net/KEY, or azurekms://VAULT.vault.azure.net/KEY/VERSION',
} as const

/** Kinds of references that cosign knows and that are not read here, with what to do. */
const others: Readonly<Record<string, string>> = {
  k8s: 'mount the secret, and give its folder',
  gitlab: 'give the key as a variable, env://COSIGN_PRIVATE_KEY',
  pkcs11: 'tokens and smart cards need a native library; use a key service or a key file',
}

const most = 2048

/** The key service and key that a reference names; undefined for a file, a folder or a variable. Throws SW-KEY-REFERENCE. */
export function parseServiceReference(text: string): ServiceReference | undefined {
  const [, scheme = '', rest = ''] = /^(pkcs11(?=:)|[a-z][a-z0-9+.-]*(?=:\/\/)):(?:\/\/)?(.*)$/s.exec(text) ?? []
  if (scheme === '' || scheme === 'env') return undefined
  if (!isService(scheme)) {
    throw keyReferenceInvalid(`Keys of ${scheme}: are not read here.`, { hint: others[scheme] })
  }
  const reference = text.length > most ? undefined : parsers[scheme](rest)
  if (reference !== undefined) return reference
  throw keyReferenceInvalid(`The key reference ${JSON.stringify(text.slice(0, 200))} is none of ${scheme}, expected ${forms[scheme]}.`)
}

function isService(scheme: string): scheme is keyof typeof forms {
  return Object.hasOwn(forms, scheme)
}

const parsers: Readonly<Record<keyof typeof forms, (rest: string) => ServiceReference | undefined>> = {
  hashivault(rest) {
    const [, key, version] = /^(\w(?:[\w.-]*\w)?)(?:\/versions\/([1-9]\d{0,8}))?$/.exec(rest) ?? []
    return key === undefined ? undefined : { service: 'hashivault', key, ...(version === undefined ? {} : { version: Number(version) }) }
  },
  awskms(rest) {
    const identifier = '(?:mrk-[0-9a-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})'
    const alias = 'alias/[A-Za-z0-9/_-]{1,250}'
    const arn = `arn:aws(?:-[a-z]+)*:kms:(?<region>[a-z0-9-]+):\\d{12}:(?:key/${identifier}|${alias})`
    const { host = '', key, region } = new RegExp(`^(?<host>[^/@?#\\s]*)/(?<key>${identifier}|${alias}|${arn})$`).exec(rest)?.groups ?? {}
    if (key === undefined || !isHost(host)) return undefined
    return { service: 'awskms', key, ...(host === '' ? {} : { host }), ...(region === undefined ? {} : { region }) }
  },
  gcpkms(rest) {
    const name = '[A-Za-z0-9][A-Za-z0-9:._-]{0,99}'
    const pattern = `^(?<key>projects/${name}/locations/${name}/keyRings/${name}/cryptoKeys/${name})(?:/(?:cryptoKeyVersions|versions)/(?<version>[1-9]\\d{0,8}))?$`
    const { key, version } = new RegExp(pattern).exec(rest)?.groups ?? {}
    return key === undefined ? undefined : { service: 'gcpkms', key, ...(version === undefined ? {} : { version }) }
  },
  azurekms(rest) {
    const [, host, key, version] = /^([^/@?#\s:]+)\/([A-Za-z0-9-]{1,127})(?:\/([0-9a-z]{1,64}))?\/?$/.exec(rest) ?? []
    if (host === undefined || key === undefined || !isHost(host)) return undefined
    return { service: 'azurekms', host, key, ...(version === undefined ? {} : { version }) }
  },
}

/** A host with or without a port, in the letters that a URL keeps. */
function isHost(text: string): boolean {
  return text === '' || URL.parse(`https://${text}/`)?.host === text
}
