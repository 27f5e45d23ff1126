import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface GitServer extends AsyncDisposable {
  /** Of a repository, after a slash and its folder's name: `http://10.88.0.1:40123`. */
  readonly url: string
}

/** Serves the repositories in a folder by `git http-backend`, on an address that pods reach. */
export async function startGitServer(folder: string, address: string): Promise<GitServer> {
  const server = createServer((request, response) => answer(request, response, folder))
  await once(server.listen(0, address), 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${address}:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** RFC 3875: the request in the environment and on standard input, the answer with its headers on standard output. */
function answer(request: IncomingMessage, response: ServerResponse, folder: string): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://git')
  const { headers } = request
  const cgi = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      PATH_INFO: decodeURIComponent(pathname),
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers['content-type'],
      HTTP_CONTENT_ENCODING: headers['content-encoding'],
      HTTP_GIT_PROTOCOL: headers['git-protocol']?.toString(),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  request.pipe(cgi.stdin.on('error', () => undefined))
  const chunks: Buffer[] = []
  cgi.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  cgi.on('error', () => response.writeHead(500).end()).on('close', () => reply(Buffer.concat(chunks), response))
}

function reply(whole: Buffer, response: ServerResponse): void {
  const end = whole.indexOf('\r\n\r\n')
  const headers = whole.toString('latin1', 0, Math.max(end, 0)).split('\r\n').map(pair)
  const status = headers.find(([name]) => name.toLowerCase() === 'status')?.[1] ?? (end === -1 ? '500' : '200')
  for (const [name, value] of headers) if (name !== '' && name.toLowerCase() !== 'status') response.setHeader(name, value)
  response.writeHead(Number.parseInt(status, 10)).end(whole.subarray(end + 4))
}

function pair(line: string): readonly [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
