// A registry that says yes: blobs are counted and thrown away, manifests kept. Prints its address.
import { createServer } from 'node:http'

const manifests = new Map()
const stored = new Set()

const server = createServer(async (request, response) => {
  const { method, url = '' } = request
  const path = url.split('?')[0] ?? ''
  const name = path.split('/').at(-1) ?? ''
  const chunks = []
  for await (const chunk of request) if (path.includes('/manifests/')) chunks.push(chunk)
  if (path.endsWith('/blobs/uploads/')) response.writeHead(202, { location: `${path}1` })
  else if (method === 'PUT' && path.includes('/uploads/')) {
    const digest = new URL(url, 'http://sink').searchParams.get('digest') ?? ''
    stored.add(digest)
    response.writeHead(201, { location: path, 'docker-content-digest': digest })
  } else if (path.includes('/blobs/')) response.writeHead(stored.has(name) ? 200 : 404)
  else if (method === 'PUT') {
    manifests.set(name, { body: Buffer.concat(chunks), type: request.headers['content-type'] })
    response.writeHead(201, { location: path })
  } else if (manifests.has(name)) {
    const { body, type } = manifests.get(name)
    response.writeHead(200, { 'content-type': type, 'content-length': body.length })
    if (method === 'GET') response.write(body)
  } else response.writeHead(path === '/v2/' ? 200 : 404)
  response.end()
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`127.0.0.1:${server.address().port}\n`))
