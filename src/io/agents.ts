import { lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction } from 'node:net'
import { getCACertificates } from 'node:tls'
import { messageOf } from '../base/errors.ts'
import { isLoopbackHost, isPrivateAddress } from './address.ts'
import { httpProxy } from './errors.ts'
import type { Hop } from './exchange.ts'
import { privateAddressError } from './url-policy.ts'

export interface AgentsOptions {
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY and their lower-case forms, which win. */
  readonly proxyEnv?: Readonly<Record<string, string | undefined>>
  /** Certificates of more authorities, PEM. */
  readonly ca?: string
  /** Resolves host names; default: the system. */
  readonly lookup?: LookupFunction
}

/** Kept connections. Those to hosts whose addresses are judged are apart from the others, so that neither uses the other's. */
export class Agents {
  readonly #options: AgentsOptions
  readonly #agents = new Map<string, HttpAgent>()

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  agentFor(hop: Hop): HttpAgent {
    const { protocol, hostname } = hop.url
    const isDirect = isLoopbackHost(hostname)
    const key = `${protocol} ${hop.guarded ? 'guarded' : 'trusted'} ${isDirect ? 'direct' : 'proxied'}`
    const agent = this.#agents.get(key) ?? this.#create(protocol, hop.guarded, isDirect)
    this.#agents.set(key, agent)
    return agent
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
    this.#agents.clear()
  }

  #create(protocol: string, guarded: boolean, isDirect: boolean): HttpAgent {
    const { ca, lookup = systemLookup, proxyEnv = {} } = this.#options
    const proxies = isDirect ? {} : proxiesOf(proxyEnv)
    const options = {
      keepAlive: true,
      // Node gives up on each address after 250 ms, less than some networks need.
      autoSelectFamilyAttemptTimeout: 2000,
      lookup: guarded ? guardedLookup(lookup, Object.values(proxies)) : lookup,
      proxyEnv: proxies,
    }
    try {
      if (protocol === 'http:') return new HttpAgent(options)
      return new HttpsAgent({ ...options, ...(ca === undefined ? {} : { ca: [...getCACertificates('default'), ca] }) })
    } catch (error) {
      throw httpProxy(`The proxy settings cannot be used: ${messageOf(error)}`, { cause: error })
    }
  }
}

function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const values = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].map(
    (name) => [name, environment[name.toLowerCase()] || environment[name]] as const,
  )
  return Object.fromEntries(values.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''))
}

/** Judges the very addresses that are then connected to, so that a name cannot change in between (DNS rebinding). */
function guardedLookup(lookup: LookupFunction, proxies: readonly string[]): LookupFunction {
  const proxyHosts = proxies.map((proxy) => URL.parse(proxy)?.hostname)
  return (host, options, callback) => {
    if (proxyHosts.includes(host)) return lookup(host, options, callback)
    lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = typeof found === 'string' ? [{ address: found, family: 4 }] : (found ?? [])
      const [first] = addresses
      const bad = addresses.find(({ address }) => isPrivateAddress(address))
      if (error !== null || first === undefined) callback(error, '')
      else if (bad !== undefined) callback(privateAddressError(host, bad.address), '')
      else if (options.all === true) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}
