import { TaskError } from '../../../../base/errors.ts'
import { httpTooLarge } from '../../../../io/errors.ts'
import type { Http } from '../../../../spec/ports.ts'
import { tufRefused, tufUnavailable } from './errors.ts'

/** Milliseconds for one file with all attempts: a run does not wait for a repository that has kept copies. */
const patience = 60_000
const ok = 200

/** Where a repository is served: nothing that comes from there is trusted for coming from there. */
export interface Mirror {
  /** A file, by the names on the way to it, or undefined where there is none. Throws SW-TUF-UNAVAILABLE, and SW-TUF-REFUSED for more bytes than `limit`. */
  read(path: readonly string[], limit: number): Promise<Buffer | undefined>
}

/** A mirror at an address, through the door to HTTP. */
export function openMirror(url: string, http: Http): Mirror {
  const base = url.replace(/\/+$/, '')
  return {
    read: async (path, limit) => {
      const address = `${base}/${path.map(encodeURIComponent).join('/')}`
      try {
        // Stores answer 403 for what is not there, to whoever may not list them.
        const response = await http.request({
          method: 'GET',
          url: address,
          home: new URL(base).origin,
          expect: [ok, 403, 404],
          deadline: patience,
        })
        if (response.status === ok) return await response.bytes(limit)
        await response.discard()
        return undefined
      } catch (cause) {
        throw httpTooLarge.is(cause)
          ? tufRefused(`${address} has more than the ${limit} bytes that are read.`, { cause })
          : unavailable(address, cause)
      }
    },
  }
}

function unavailable(address: string, cause: unknown): unknown {
  if (!(cause instanceof TaskError)) return cause
  return tufUnavailable(`${address} cannot be read: ${cause.message}`, {
    cause,
    retryable: cause.retryable,
    hint: 'trusted-root: trusted_root.json, or offline: true',
    safe: 'nothing was trusted, and nothing changed',
  })
}
