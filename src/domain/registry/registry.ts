import { removeTree } from '../../io/files.ts'
import type { Handler, IncomingMessage } from '../../io/server.ts'
import type { Log } from '../../spec/ports.ts'
import { type RegistryCredentials, requireAccess } from './access.ts'
import { answer, type Exchange } from './answer.ts'
import { handleBlob } from './blobs.ts'
import { claimFolder } from './folder.ts'
import { handleCatalog, handleTags } from './lists.ts'
import { handleManifest } from './manifests.ts'
import { handleReferrers } from './referrers.ts'
import { Refusal } from './refusal.ts'
import { routeOf } from './route.ts'
import { type Store, uploadsPath } from './store.ts'
import { handleUpload, handleUploads } from './uploads.ts'

export interface RegistryOptions {
  /** Absolute: the folder that holds everything; made when it is not there. One registry at a time may use it. */
  readonly root: string
  /** Refuses every write. */
  readonly readOnly?: boolean | undefined
  /** Asked for by Basic authentication; default: everyone may do everything. */
  readonly credentials?: RegistryCredentials | undefined
  readonly log: Log
}

/** An OCI registry (distribution-spec 1.1) over a folder, to be given to `listen`. Uploads that a former run left are dropped. Throws SW-REGISTRY-FOLDER. */
export async function createRegistry(options: RegistryOptions): Promise<Handler> {
  const store = { root: options.root }
  await claimFolder(store.root)
  if (options.readOnly !== true) await removeTree(uploadsPath(store))
  return async (request, response) => {
    response.setHeader('docker-distribution-api-version', 'registry/2.0')
    const [path = '', query = ''] = (request.url ?? '').split('?', 2)
    const exchange = { request, response, query: new URLSearchParams(query) }
    try {
      requireAccess(request, options)
      await dispatch(store, path, exchange)
    } catch (error) {
      // A client that went away in the middle of a body needs no answer, and is no fault of ours.
      if (request.socket.destroyed) return options.log.debug('the client went away', { method: request.method, path })
      if (!(error instanceof Refusal) || response.headersSent) throw error
      options.log.debug('refused', { method: request.method, path, status: error.status, code: error.code })
      answer(exchange, error.status, { 'content-type': 'application/json', ...error.headers, ...closing(request) }, error.body)
    }
  }
}

async function dispatch(store: Store, path: string, exchange: Exchange): Promise<void> {
  const route = routeOf(path)
  switch (route?.kind) {
    case undefined:
      throw new Refusal(404, 'UNSUPPORTED', 'the API has no such path')
    case 'base':
      return answer(exchange, 200, { 'content-type': 'application/json' }, '{}')
    case 'catalog':
      return handleCatalog(store, exchange)
    case 'uploads':
      return handleUploads(store, route.name, exchange)
    case 'upload':
      return handleUpload(store, route, exchange)
    case 'blob':
      return handleBlob(store, route, exchange)
    case 'manifest':
      return handleManifest(store, route, exchange)
    case 'tags':
      return handleTags(store, route, exchange)
    case 'referrers':
      return handleReferrers(store, route, exchange)
  }
}

/** A large body that nobody reads would keep the connection busy. */
function closing(request: IncomingMessage): { connection?: 'close' } {
  return request.complete || Number(request.headers['content-length'] ?? 0) === 0 ? {} : { connection: 'close' }
}
