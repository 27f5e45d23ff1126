import type { Http } from '../spec/ports.ts'

/** Requests that end with a signal as well, unless they are sent even when all is stopped. */
export function stoppedBy(signal: AbortSignal, http: Http): Http {
  return {
    insecureHosts: http.insecureHosts ?? [],
    request: (asked) => http.request(asked.evenStopped === true ? asked : { signal, ...asked }),
  }
}
