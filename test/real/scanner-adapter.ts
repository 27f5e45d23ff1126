import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface ScannerAdapter extends AsyncDisposable {
  readonly port: number
}

const scanner = { name: 'Slipway', vendor: 'e2e', version: '1.0.0' }
const report = 'application/vnd.security.vulnerability.report; version=1.1'
const images = ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json']
const metadata = {
  scanner,
  capabilities: [{ type: 'vulnerability', consumes_mime_types: images, produces_mime_types: [report] }],
  properties: { 'harbor.scanner-adapter/scanner-type': 'os-package-vulnerability' },
}
const flaw = (id: string, severity: string) => ({
  ...{ id, severity, package: 'lodash', version: '4.17.20', fix_version: '4.17.21', description: 'Made up.' },
  links: [`https://example.test/${id}`],
})

/** A scanner as Harbor's pluggable ones are (specification 1.1): it reads nothing, and finds the same two flaws in every image. */
export async function startScannerAdapter(): Promise<ScannerAdapter> {
  const asked = new Map<string, unknown>()
  const server = createServer((request, response) => {
    answer(request, response, asked).catch(() => response.writeHead(500).end())
  })
  await once(server.listen(0, '0.0.0.0'), 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, asked: Map<string, unknown>): Promise<void> {
  const { method, url = '', headers } = request
  const json = (status: number, body: unknown): void =>
    void response.writeHead(status, { 'content-type': headers.accept ?? 'application/json' }).end(JSON.stringify(body))
  if (method === 'GET' && url === '/api/v1/metadata') return json(200, metadata)
  if (method === 'POST' && url === '/api/v1/scan') {
    const id = `scan-${asked.size + 1}`
    asked.set(id, Object(JSON.parse(await text(request))).artifact)
    return json(202, { id })
  }
  const artifact = asked.get(/^\/api\/v1\/scan\/(scan-\d+)\/report(?:\?|$)/.exec(url)?.[1] ?? '')
  if (artifact === undefined) return json(404, { error: { message: `nothing is at ${url}` } })
  const vulnerabilities = [flaw('CVE-2026-90001', 'High'), flaw('CVE-2026-90002', 'Low')]
  return json(200, { generated_at: new Date().toISOString(), artifact, scanner, severity: 'High', vulnerabilities })
}
