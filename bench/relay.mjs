// A network of some delay before a server: every byte, and every connection, arrives later. `relay.mjs HOST:PORT ADDRESS MILLISECONDS`, one way.
// Prints its address.
import { connect, createServer } from 'node:net'

const [target = '', address = '', delay = '0'] = process.argv.slice(2)
const [host, port] = target.split(':')

/** What comes out of one is written into the other, later. */
function pass(from, to) {
  const later = (act) => setTimeout(act, Number(delay))
  from.on('data', (bytes) => later(() => to.write(bytes)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
}

const server = createServer({ noDelay: true }, (client) => {
  // A real connection is there after a round trip, this one at once: its first bytes are late by as much.
  client.pause()
  setTimeout(() => {
    const remote = connect({ host, port: Number(port), noDelay: true })
    pass(client, remote)
    pass(remote, client)
    client.resume()
  }, 2 * Number(delay))
})
server.listen(0, address, () => process.stdout.write(`${address}:${server.address().port}\n`))
