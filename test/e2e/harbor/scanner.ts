import { randomBytes } from 'node:crypto'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestHarbor } from '../../real/harbor.ts'
import { startScannerAdapter } from '../../real/scanner-adapter.ts'

/** What a scanner sees in an image. */
export interface Finding {
  readonly id: string
  readonly severity: string
}

const reports =
  'application/vnd.security.vulnerability.report; version=1.1, application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0'

/** Has an artifact scanned: what was found, or why that cannot be known. A scanner may have to fetch its database first. */
export async function scanned(harbor: TestHarbor, artifact: string): Promise<readonly Finding[] | string> {
  const { status } = await harbor.call('POST', `${artifact}/scan`, { expect: [409, 412] })
  if (status === 412) return 'it has no scanner'
  const headers = { 'x-accept-vulnerabilities': reports }
  for (const end = Date.now() + 900_000; Date.now() < end; await sleep(1000)) {
    const { body } = await harbor.call('GET', `${artifact}?with_scan_overview=true`, { headers })
    const [overview] = Object.values(Object(Object(body).scan_overview))
    const { scan_status: state } = Object(overview)
    if (state === 'Error' || state === 'Stopped') return `a scan by its scanner ends as ${state}: does that have a database?`
    const all = state === 'Success' ? (await harbor.call('GET', `${artifact}/additions/vulnerabilities`, { headers })).body : {}
    const documents = Object.values(Object(all)) as readonly { readonly vulnerabilities?: readonly Finding[] | null }[]
    if (documents.length > 0) return documents.flatMap(({ vulnerabilities }) => vulnerabilities ?? [])
  }
  return 'a scan by its scanner has not ended in 15 minutes'
}

/** Gives a project a scanner that this suite serves, until disposed. Harbor has to reach this machine. */
export async function bringScanner(harbor: TestHarbor, project: string): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const { port } = stack.use(await startScannerAdapter())
  const name = `slipway-${randomBytes(4).toString('hex')}`
  const url = await reached(harbor, { of: '/scanners/ping', body: { name: 'ping', auth: '' } }, port)
  await harbor.call('POST', '/scanners', { body: { name, url, auth: '', skip_certVerify: false, use_internal_addr: true } })
  const { body } = await harbor.call('GET', '/scanners?page_size=100')
  const uuid = (body as readonly { readonly name: string; readonly uuid: string }[]).find((one) => one.name === name)?.uuid ?? ''
  stack.defer(async () => void (await harbor.call('DELETE', `/scanners/${uuid}`, { expect: [404] })))
  await harbor.call('PUT', `/projects/${project}/scanner`, { body: { uuid } })
  return stack.move()
}

/** Where Harbor reaches a port of this machine, as one of its own questions says. */
export async function reached(
  harbor: TestHarbor,
  { of, body }: { readonly of: string; readonly body: object },
  port: number,
): Promise<string> {
  const urls = addresses().map((address) => `http://${address}:${port}`)
  for (const url of urls) {
    const { status } = await harbor.call('POST', of, { body: { ...body, url }, expect: [400, 500] })
    if (status === 200) return url
  }
  throw new Error(`Harbor at ${harbor.url} does not reach what this suite serves at ${urls.join(', ')}`)
}

/** Of this machine, loopback first. */
function addresses(): readonly string[] {
  const all = Object.values(networkInterfaces()).flatMap((some) => some ?? [])
  const inside = all.filter(({ internal }) => internal)
  return [...inside, ...all.filter(({ internal }) => !internal)].filter(({ family }) => family === 'IPv4').map(({ address }) => address)
}
