import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { output } from './program.ts'

export interface DockerGate extends AsyncDisposable {
  /** For DOCKER_HOST: `tcp://10.88.0.1:41234`. */
  readonly host: string
}

/** Opens the socket of a Docker engine to the network, to those who show a certificate: what `dockerd --tlsverify` does. */
export async function openDockerGate(address: string, socket: string, certificates: string): Promise<DockerGate> {
  const read = (name: string): Buffer => readFileSync(join(certificates, name))
  const tls = { ca: read('ca.pem'), cert: read('server.pem'), key: read('server-key.pem'), requestCert: true, rejectUnauthorized: true }
  const open = new Set<Socket>()
  const server = createServer(tls, (inside) => {
    const engine = connect(socket)
    for (const one of [inside, engine]) open.add(one.on('error', () => one.destroy()).on('close', () => open.delete(one)))
    inside.pipe(engine).pipe(inside)
  })
  await new Promise<void>((resolve) => void server.listen(0, address, resolve))
  const bound = server.address()
  return {
    host: `tcp://${address}:${bound === null || typeof bound === 'string' ? 0 : bound.port}`,
    async [Symbol.asyncDispose]() {
      for (const one of open) one.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Makes an authority, and certificates of a server at an address and of a client, under the names that Docker looks for. */
export async function makeDockerCertificates(folder: string, address: string): Promise<void> {
  const openssl = (...argv: string[]): Promise<string> => output(['openssl', ...argv], { cwd: folder })
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1']
  await openssl('req', '-x509', ...key, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=docker authority')
  const signed = (name: string, keyFile: string, extension: string): Promise<string> =>
    openssl(
      ...['req', '-x509', ...key, '-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-keyout', keyFile, '-out', `${name}.pem`],
      ...['-subj', `/CN=${name}`, '-addext', 'basicConstraints=critical,CA:FALSE', '-addext', extension],
    )
  await signed('server', 'server-key.pem', `subjectAltName=IP:${address}`)
  await signed('cert', 'key.pem', 'extendedKeyUsage=clientAuth')
}
