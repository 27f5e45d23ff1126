import type { Reply } from '../../../../src/domain/registry/exchange.ts'
import { badRequest, conflict, done, internal, json, notFound, precondition, text, unprocessable } from '../answers.ts'
import { listed } from '../artifacts.ts'
import { requireAdmin } from '../rights.ts'
import type { Call, Routes } from '../router.ts'
import type { Scans, ScanType } from '../scans.ts'
import type { Artifact, Repository } from '../state.ts'
import { requireArtifact } from './artifacts.ts'
import { own } from './projects.ts'

const one = '/projects/:project/repositories/:repository/artifacts/:reference/scan'

/** Scans of artifacts, and of all that there is. */
export const scanRoutes: Routes = {
  [`POST ${one}`]: begin,
  [`POST ${one}/stop`]: stop,
  [`GET ${one}/:report/log`]: log,
  'POST /system/scanAll/schedule': scanAll,
  'PUT /system/scanAll/schedule': scanAll,
  'GET /system/scanAll/schedule': (call) => {
    requireAdmin(call.who)
    return { status: 200, headers: { 'content-type': 'application/json' } }
  },
  'POST /system/scanAll/stop': (call) => {
    requireAdmin(call.who)
    return done(202)
  },
  'GET /scans/all/metrics': metrics,
}

function begin(call: Call): Reply {
  const { state, scans } = call
  const type = call.text === '' ? 'vulnerability' : call.body('scanRequestType')['scan_type']
  if (type !== 'vulnerability' && type !== 'sbom')
    throw unprocessable('validation failure list:\nscan_type in body should be one of [vulnerability sbom]')
  const { repository, artifact } = requireArtifact(call, type === 'sbom' ? 'sbom:create' : 'scan:create')
  if (state.scanners.length === 0) throw precondition(`no available scanner for project: ${repository.project.id}`)
  const scanner = state.scanners.find(({ isDefault }) => isDefault)?.name
  if (artifact.type !== 'IMAGE')
    throw badRequest(`the configured scanner ${scanner} does not support scanning artifact with mime type ${artifact.manifestType}`)
  if (state.down.has('jobservice')) throw internal()
  if (scans.races > 0) {
    scans.races -= 1
    throw internal()
  }
  start(scans, { repository, artifact, type })
  if (type === 'sbom') forgetSboms(repository, artifact)
  return done(202)
}

/** A new SBOM takes the place of the one before at once. */
function forgetSboms({ artifacts }: Repository, subject: Artifact): void {
  for (const [digest, { accessory }] of artifacts) {
    if (accessory?.subject === subject.digest && accessory.type === 'sbom.harbor') artifacts.delete(digest)
  }
}

/** One at a time. */
function start(scans: Scans, { repository, artifact, type }: { repository: Repository; artifact: Artifact; type: ScanType }): void {
  const status = scans.statusOf(artifact, type)
  if (scans.isBusy(repository, artifact, type))
    throw conflict(type === 'sbom' ? 'a previous sbom generate process is running' : `a previous scan process is ${status}`)
  scans.begin(repository, artifact, type)
}

function stop(call: Call): Reply {
  if (call.text === '') throw unprocessable('scanType in body is required')
  const type = call.body('scanType')['scan_type']
  const { artifact } = requireArtifact(call, type === 'sbom' ? 'sbom:stop' : 'scan:stop')
  if (type === undefined) return done(500)
  if (!call.scans.stop(artifact, type === 'sbom' ? 'sbom' : 'vulnerability'))
    throw badRequest(`no scan job for artifact digest=${artifact.digest}`)
  return done(202)
}

function log(call: Call): Reply {
  const report = call.params['report'] ?? ''
  own(call, 'scan:read')
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(report)) throw badRequest(`bad request: invalid UUID ${report}`)
  const { artifact } = requireArtifact(call, 'scan:read')
  if (!call.scans.hasReport(artifact, report)) throw notFound(`report with uuid ${report} does not exist`)
  const failed = call.scans.statusOf(artifact, 'vulnerability') === 'Error'
  const last = failed ? '2026-11-21T16:24:08Z [ERROR] [/pkg/scan/job.go:294]: running scan job: the scanner broke off\n' : ''
  return text(`2026-11-21T16:23:58Z [INFO] [/pkg/scan/job.go:396]: { "name": "lab" }\n${last}`)
}

function scanAll(call: Call): Reply {
  const { state, scans, who } = call
  requireAdmin(who)
  if (state.scanners.length === 0) throw precondition("no scanner is configured, it's not possible to scan")
  const { type } = Object(call.body('schedule')['schedule'])
  if (type !== 'Manual') return done(type === 'None' ? 200 : 201)
  if (state.settings.get('scan_all_until') !== undefined && Number(state.settings.get('scan_all_until')) > state.now())
    throw conflict('a previous scan all job aleady exits, its status is Running')
  for (const repository of state.repositories) {
    const images = listed(repository).filter((one) => one.type === 'IMAGE')
    for (const artifact of images)
      if (!scans.isBusy(repository, artifact, 'vulnerability')) scans.begin(repository, artifact, 'vulnerability')
  }
  state.settings.set('scan_all_until', state.now() + 2000)
  return done(201)
}

function metrics({ state, scans, who }: Call): Reply {
  requireAdmin(who)
  if (state.scanners.length === 0) throw precondition("no scanner is configured, it's not possible to scan")
  const all = scans.all()
  const counts = Object.fromEntries(
    ['Error', 'Pending', 'Running', 'Stopped', 'Success'].map((status) => [status, all.filter((other) => other === status).length]),
  )
  const ongoing = (counts['Pending'] ?? 0) + (counts['Running'] ?? 0)
  return json({ completed: all.length - ongoing, metrics: counts, ongoing: ongoing > 0, total: all.length, trigger: 'Manual' })
}
