// A Harbor to try things on, until it is interrupted; what it holds goes with it.
//   node test/fakes/harbor/serve.ts [--host 127.0.0.1] [--port 0] [--profile 2.15] [--no-scanner]
import { parseArgs } from 'node:util'
import { type HarborProfile, profiles, startFakeHarbor } from './harbor.ts'
import { addScanner } from './routes/scanners.ts'

const { values } = parseArgs({
  allowNegative: true,
  options: {
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '0' },
    profile: { type: 'string', default: '2.15' },
    scanner: { type: 'boolean', default: true },
  },
})
const profile = profiles.find((one): one is HarborProfile => one === values.profile)
if (profile === undefined) throw new Error(`--profile is ${JSON.stringify(values.profile)}, expected one of ${profiles.join(', ')}`)
const harbor = await startFakeHarbor({ host: values.host, port: Number(values.port), profile })
if (values.scanner) addScanner(harbor.state)
const [admin] = harbor.state.users
process.stdout.write(`${harbor.url}\nuser ${admin?.name} password ${admin?.password}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void harbor[Symbol.asyncDispose]())
