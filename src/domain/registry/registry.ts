import { removeTree } from '../../io/files.ts'
import type { Handler } from '../../io/server.ts'
import type { Log } from '../../spec/ports.ts'
import { type RegistryCredentials, requireAccess } from './access.ts'
import { handleBlob } from './blobs.ts'
import { type Asked, jsonReply, type Registry, type Reply } from './exchange.ts'
import { claimFolder } from './folder.ts'
import { handleCatalog, handleTags } from './lists.ts'
import { handleManifest } from './manifests.ts'
import { handleReferrers } from './referrers.ts'
import { Refusal } from './refusal.ts'
import { routeOf } from './route.ts'
import { serve } from './serve.ts'
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
  return serve(await openRegistry(options), options.log)
}

/** The same as a function from request to answer. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const store = { root: options.root }
  await claimFolder(store.root)
  if (options.readOnly !== true) await removeTree(uploadsPath(store))
  return async (asked) => {
    try {
      requireAccess(asked, options)
      return await dispatch(store, asked)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      const { status, code } = error
      options.log.debug('refused', { method: asked.method, path: asked.path, status, code })
      return error.reply
    }
  }
}

async function dispatch(store: Store, asked: Asked): Promise<Reply> {
  const route = routeOf(asked.path)
  switch (route?.kind) {
    case undefined:
      throw new Refusal(404, 'UNSUPPORTED', 'the API has no such path')
    case 'base':
      return jsonReply({})
    case 'catalog':
      return handleCatalog(store, asked)
    case 'uploads':
      return handleUploads(store, route.name, asked)
    case 'upload':
      return handleUpload(store, route, asked)
    case 'blob':
      return handleBlob(store, route, asked)
    case 'manifest':
      return handleManifest(store, route, asked)
    case 'tags':
      return handleTags(store, route, asked)
    case 'referrers':
      return handleReferrers(store, route, asked)
  }
}
