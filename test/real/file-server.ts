import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FileServer extends AsyncDisposable {
  /** `http://10.88.0.1:40123` */
  readonly url: string
}

/** Serves texts by their paths on an address that others reach; all else is 404. */
export async function serveTexts(texts: ReadonlyMap<string, string>, address: string): Promise<FileServer> {
  const server = createServer(({ url = '' }, response) => {
    const text = texts.get(url)
    response.writeHead(text === undefined ? 404 : 200).end(text)
  })
  await once(server.listen(0, address), 'listening')
  return {
    url: `http://${address}:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.close().closeAllConnections()
      await once(server, 'close')
    },
  }
}
