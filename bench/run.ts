// Ours beside its peers on the same work, in one run: `npm run bench -- [start|app|small|copy|far|sink|sign|scan|sbom|harbor-project|argocd ...] [--rounds N] [--only NAME,…]`.
// Without a name all of them. Peers come from the lab and from Debian; what is missing is said and left out.
import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { delimiter, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Lab } from '../scripts/lab.ts'
import { argocdSettings, benchArgocd } from './argocd.ts'
import { benchCopies } from './copies.ts'
import { corpora } from './corpus.ts'
import { benchFar } from './far.ts'
import { benchHarborProject } from './harbor-project.ts'
import { benchImages } from './images.ts'
import { benchSbom } from './sbom.ts'
import { benchScan } from './scan.ts'
import { benchSign } from './sign.ts'
import { benchSink } from './sink.ts'
import { benchStart } from './start.ts'
import { print } from './table.ts'

const names = ['start', ...corpora.map(({ name }) => name), 'copy', 'far', 'sink', 'sign', 'scan', 'sbom', 'harbor-project', 'argocd']
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
})
const unknown = positionals.filter((name) => !names.includes(name))
if (unknown.length > 0) throw new Error(`there is no benchmark ${unknown.join(', ')}, expected ${names.join(', ')}`)
const chosen = positionals.length === 0 ? names : positionals
const options = {
  folder: mkdtempSync(join(tmpdir(), 'slipway-bench-')),
  rounds: Number(values.rounds),
  only: values.only.split(',').filter((part) => part !== ''),
}

process.env['PATH'] = [...Lab.path(), process.env['PATH']].join(delimiter)
print(`${cpus()[0]?.model ?? ''}, ${cpus().length} processors, ${Math.round(totalmem() / 1e9)} GB, Node ${process.version}`)
try {
  if (chosen.includes('start')) await benchStart(options)
  if (chosen.includes('sink')) await benchSink(options)
  if (chosen.includes('copy')) await benchCopies(options)
  if (chosen.includes('far')) await benchFar(options)
  if (chosen.includes('sign')) await benchSign(options)
  if (chosen.includes('scan')) await benchScan(options)
  if (chosen.includes('sbom')) await benchSbom(options)
  if (chosen.includes('harbor-project')) await benchHarborProject(options)
  if (chosen.includes('argocd')) {
    Object.assign(process.env, argocdSettings)
    await withLab('argocd', benchArgocd)
  }
  for (const corpus of corpora) if (chosen.includes(corpus.name)) await withLab('docker', () => benchImages(corpus, options))
} finally {
  rmSync(options.folder, { recursive: true, force: true })
}

async function withLab(part: 'argocd' | 'docker', run: () => Promise<void>): Promise<void> {
  using lab = new Lab(part, [part])
  Object.assign(process.env, lab.env)
  await run()
}
