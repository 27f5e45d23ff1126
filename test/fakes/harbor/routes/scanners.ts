import { randomUUID } from 'node:crypto'
import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { Answered, created, done, errors, internal, json, notFound, page, unprocessable } from '../answers.ts'
import { requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import { scannerName } from '../scans.ts'
import { type ScannerRegistration, timeOf } from '../state.ts'
import { own } from './projects.ts'

/** By project, where it has another than the default. */
const chosen = new WeakMap<object, string>()

/** Registrations of scanners. The first is the default by itself. */
export const scannerRoutes: Routes = {
  'GET /scanners': (call) => {
    requireAdmin(call.who, 'scanner:list')
    return page(call.state.scanners, call, { shown: view })
  },
  'POST /scanners/ping': (call) => {
    requireAdmin(call.who)
    const { url } = call.body('settings')
    if (!/^https?:\/\//.test(String(url)))
      throw unprocessable(`validation failure list:\nurl in body must be of type uri: ${JSON.stringify(url)}`)
    if (/UNREACHABLE|\.invalid/.test(String(url)) || call.state.settings.get('scanner_down') === true) throw internal()
    return done()
  },
  'POST /scanners': register,
  'GET /scanners/:scanner': (call) => json(view(find(call))),
  'PATCH /scanners/:scanner': (call) => {
    const scanner = find(call)
    for (const one of call.state.scanners) one.isDefault = one === scanner
    return done()
  },
  'DELETE /scanners/:scanner': (call) => {
    const scanner = find(call)
    call.state.scanners.splice(call.state.scanners.indexOf(scanner), 1)
    return json(view(scanner))
  },
  'GET /scanners/:scanner/metadata': (call) => {
    find(call)
    return json(metadata(call))
  },
  'GET /projects/:project/scanner': (call) => {
    const project = own(call, 'scanner:read')
    const { scanners } = call.state
    const scanner = scanners.find(({ uuid }) => uuid === chosen.get(project)) ?? scanners.find(({ isDefault }) => isDefault)
    if (scanner === undefined) return { status: 200, headers: { 'content-type': 'application/json' } }
    return json({
      ...view(scanner),
      adapter: scannerName.name,
      health: 'healthy',
      vendor: scannerName.vendor,
      version: scannerName.version,
    })
  },
  'PUT /projects/:project/scanner': (call) => {
    const project = own(call, 'scanner:create')
    const { uuid } = call.body('payload')
    if (!call.state.scanners.some((one) => one.uuid === uuid)) throw notFound(`scanner ${String(uuid)} not found`)
    chosen.set(project, String(uuid))
    return done()
  },
  'GET /projects/:project/scanner/candidates': (call) => {
    own(call, 'scanner:create')
    return page(call.state.scanners, call, { shown: view })
  },
}

function view({ uuid, name, description, url, auth, isDefault, internal: inside, created: at }: ScannerRegistration) {
  return {
    ...{ access_credential: '', auth, capabilities: { support_sbom: true, support_vulnerability: true }, create_time: at },
    ...{ ...(description === undefined ? {} : { description }), disabled: false, is_default: isDefault, name, skip_certVerify: false },
    ...{ update_time: at, url, use_internal_addr: inside, uuid },
  }
}

function find({ state, who, params }: Call): ScannerRegistration {
  requireAdmin(who, 'scanner:read')
  const scanner = state.scanners.find(({ uuid }) => uuid === params['scanner'])
  if (scanner === undefined) throw notFound(`scanner ${params['scanner']} not found`)
  return scanner
}

export function addScanner(
  state: Call['state'],
  { name = 'lab', url = 'http://SCANNER', uuid = String(randomUUID()) } = {},
): ScannerRegistration {
  const isDefault = state.scanners.length === 0
  const scanner = { uuid, name, description: 'd', url, auth: 'Bearer', isDefault, internal: true, created: timeOf(state) }
  state.scanners.push(scanner)
  return scanner
}

function register(call: Call): Reply {
  requireAdmin(call.who)
  const { name, url } = call.body('registration')
  if (call.state.scanners.some((one) => one.name === name)) throw internal()
  if (call.state.scanners.some((one) => one.url === url)) {
    throw new Answered(errors(409, [{ code: 'UNKNOWN', message: 'dao: create registration: registration name or url already exists' }]))
  }
  const { uuid } = addScanner(call.state, {
    name: String(name),
    url: String(url),
    ...(call.state.settings.has('next_uuid') ? { uuid: String(call.state.settings.get('next_uuid')) } : {}),
  })
  return created(`/api/v2.0/scanners/${uuid}`)
}

const day = 86_400_000

function metadata({ state, scans }: Call) {
  const at = (days: number): string => `${new Date(state.now() - days * day).toISOString().slice(0, 10)}T00:00:00Z`
  const image = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json']
  const age = Number(state.settings.get('database_age_days') ?? 1)
  return {
    capabilities: [
      {
        consumes_mime_types: [...image, 'application/vnd.oci.image.index.v1+json'],
        produces_mime_types: [scans.produces],
        type: 'vulnerability',
      },
      { consumes_mime_types: image, produces_mime_types: ['application/vnd.security.sbom.report+json; version=1.0'], type: 'sbom' },
    ],
    properties: {
      'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability',
      'harbor.scanner-adapter/vulnerability-database-next-update-at': at(age - 1),
      'harbor.scanner-adapter/vulnerability-database-updated-at': at(age),
    },
    scanner: scannerName,
  }
}
