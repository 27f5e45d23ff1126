import { lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent } from 'node:http'
import type { Agent as HttpsAgent } from 'node:https'
import type { LookupFunction, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { HttpTls } from '../spec/ports.ts'
import { isNearHost, isPrivateAddress } from './address.ts'
import { intake } from './direct-read.ts'
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

interface Traits {
  readonly isSecure: boolean
  readonly isGuarded: boolean
  readonly isDirect: boolean
  readonly isKept: boolean
  readonly tls: HttpTls | undefined
}

/**
 * Milliseconds that a connection is kept without a request: some servers close theirs after five seconds, and what stands in between
 * forgets it without a word.
 */
const mostIdle = 4000

/** Kept connections. Those to hosts whose addresses are judged are apart from the others, so that neither uses the other's. */
export class Agents {
  readonly #options: AgentsOptions
  readonly #agents = new Map<string, HttpAgent>()
  /** Connections to proxies: an agent knows of one only when the proxy has consented. */
  readonly #tunnels = new Set<Duplex>()

  constructor(options: AgentsOptions) {
    this.#options = options
  }

  /** `mayReuse`: a kept connection may have been closed meanwhile. */
  agentFor(hop: Hop, mayReuse: boolean): HttpAgent {
    const { protocol, hostname } = hop.url
    const traits = {
      isSecure: protocol === 'https:',
      isGuarded: hop.guarded,
      isDirect: isNearHost(hostname),
      isKept: mayReuse,
      tls: hop.tls,
    }
    const key = JSON.stringify(traits)
    const agent = this.#agents.get(key) ?? closingIdle(this.#create(traits))
    this.#agents.set(key, agent)
    return agent
  }

  /** Whether an agent's connections have not been closed since. */
  has(agent: HttpAgent): boolean {
    return [...this.#agents.values()].includes(agent)
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy()
    for (const tunnel of this.#tunnels) tunnel.destroy()
    this.#agents.clear()
  }

  #create({ isSecure, isGuarded, isDirect, isKept, tls = {} }: Traits): HttpAgent {
    const { lookup = systemLookup, proxyEnv = {} } = this.#options
    const authorities = [this.#options.ca, tls.ca].filter((pem) => pem !== undefined)
    const proxies = isDirect ? {} : proxiesOf(proxyEnv)
    const options = {
      keepAlive: isKept,
      // Node gives up on each address after 250 ms, less than some networks need.
      autoSelectFamilyAttemptTimeout: 2000,
      lookup: isGuarded ? guardedLookup(lookup, Object.values(proxies)) : lookup,
      proxyEnv: proxies,
    }
    const hasProxy = Object.keys(proxies).length > 0
    if (!isSecure) return hasProxy ? new HttpAgent(options) : direct(new HttpAgent(options))
    // Not with this file: it reads the authorities of the machine on a thread of its own, for whoever asks a registry on loopback too.
    const { Agent: SecureAgent } = process.getBuiltinModule('node:https')
    const { createSecureContext, getCACertificates } = process.getBuiltinModule('node:tls')
    const trust = authorities.length === 0 ? tls : { ...tls, ca: [...getCACertificates('default'), ...authorities] }
    // Made once: each connection would else read all these certificates again, for as long as an answer takes.
    const agent = new SecureAgent({ ...options, ...trust, secureContext: createSecureContext(trust) })
    return hasProxy ? this.#watched(agent) : agent
  }

  /** What a proxy never answers would else keep the process alive after all is over. */
  #watched(agent: HttpsAgent): HttpsAgent {
    const connect = agent.createConnection.bind(agent)
    agent.createConnection = (...given) => {
      const tunnel = connect(...given)
      if (tunnel) this.#tunnels.add(tunnel.once('close', () => this.#tunnels.delete(tunnel)))
      return tunnel
    }
    return agent
  }
}

/** Not by the agent's own option `timeout`, which holds while a connection is made as well. */
function closingIdle(agent: HttpAgent): HttpAgent {
  return agent.on('free', (socket: Socket) => socket.setTimeout(mostIdle))
}

/** Not through proxies, nor under TLS, where Node reads streams of its own. */
function direct(agent: HttpAgent): HttpAgent {
  const connect = agent.createConnection.bind(agent)
  agent.createConnection = (options, callback) => {
    const { onread, remember } = intake()
    // It reaches the socket, though the types do not know it.
    const reading = { ...options, onread }
    const socket = connect(reading, callback)
    if (socket) remember(socket)
    return socket
  }
  return agent
}

/** Node passes over settings that it does not understand, and would go past the proxy without a word. */
function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const setting = (name: string): string => environment[name.toLowerCase()] || environment[name] || ''
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY'].filter((name) => setting(name) !== '').map((name) => [name, proxyUrl(name, setting(name))])
  return { ...Object.fromEntries(proxies), ...(setting('NO_PROXY') === '' ? {} : { NO_PROXY: setting('NO_PROXY') }) }
}

/** As curl does, a host without scheme is an HTTP proxy. */
function proxyUrl(name: string, value: string): string {
  const url = URL.parse(value.includes('://') ? value : `http://${value}`)
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href
  const seen = url === null ? 'not a URL' : `a URL with the scheme ${url.protocol}`
  throw httpProxy(`${name} cannot be used: it is ${seen}, expected http://host:port.`, { hint: `Set ${name}=http://host:port` })
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
