/** What the task `sbom` finds in an image of this machine's own packages, beside what the programs that installed them say. */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { createLayout } from '../../src/domain/oci/layout.ts'
import { cycloneDxFaults } from '../../src/domain/sbom/schema.fake.ts'
import { execute } from '../../src/spec/execute.ts'
import { emptyRecord } from '../../src/spec/record/record.ts'
import { run } from '../../src/tasks/sbom/run.ts'
import { task } from '../../src/tasks/sbom/task.ts'
import { writeImage } from '../fakes/image.ts'
import { fakePorts } from '../fakes/ports.ts'
import { repository } from '../real/example.ts'
import { temporaryFolder } from '../real/folder.ts'
import { output } from '../real/program.ts'

interface Component {
  readonly group?: string
  readonly name: string
  readonly version: string
  readonly purl?: string
  readonly evidence?: { readonly occurrences: readonly { readonly location: string }[] }
}

const stack = new AsyncDisposableStack()
const folder = stack.use(temporaryFolder('sbom')).path
let crane: string
let document: { readonly components: readonly Component[] }

/** The system, the files of npm's packages, and a Go program, each as `tar` writes a layer. */
beforeAll(async () => {
  crane = (await output(['sh', '-c', 'command -v crane'])).trim()
  const listed = await output(['find', 'node_modules', '-name', 'package.json', '-type', 'f'], { cwd: repository })
  const { ports } = fakePorts()
  const layout = await createLayout(join(folder, 'layout'))
  const { descriptor } = await writeImage(layout, [
    tar('/', ['etc/os-release', 'usr/lib/os-release', 'var/lib/dpkg/status']),
    tar(repository, listed.trim().split('\n')),
    tar('/', [crane.slice(1)]),
  ])
  const inputs = new Map([
    ['layout', layout.folder],
    ['digest', descriptor.digest],
  ])
  const { failure, record } = await execute({ definition: task, load: () => Promise.resolve(run) }, { inputs, record: emptyRecord, ports })
  expect(failure).toBeUndefined()
  document = JSON.parse(readFileSync(join(ports.files.workspace, record.sboms?.[0]?.path ?? ''), 'utf8'))
}, 300_000)

afterAll(() => stack.disposeAsync())

it('is valid by the official schema', () => {
  expect(cycloneDxFaults(document)).toEqual([])
})

it('has the packages of dpkg-query', async () => {
  const fields = ['db:Status-Status', 'Package', 'Version', 'Architecture', 'source:Package'].map((field) => `\${${field}}`).join(' ')
  const lines = (await output(['dpkg-query', '-W', '-f', `${fields}\n`])).trim().split('\n')
  const installed = lines.filter((line) => !/^(?:not-installed|config-files) /.test(line)).map((line) => line.slice(line.indexOf(' ') + 1))
  const found = of('deb').map(({ name, version, purl = '' }) => {
    const query = new URLSearchParams(purl.split('?')[1])
    return [name, version, query.get('arch'), query.get('upstream')?.split('@')[0] ?? name].join(' ')
  })
  expect(found.toSorted()).toEqual(installed.toSorted())
})

it('has the packages of npm ls, an alias under the name of what it stands for', async () => {
  const tree: NpmNode = JSON.parse(
    execFileSync('npm', ['ls', '--all', '--json', '--long'], { cwd: repository, encoding: 'utf8', maxBuffer: 2 ** 30 }),
  )
  const installed = new Set(namesIn(tree))
  // What lies deeper in a package is its own test data, which npm does not list.
  const found = of('npm').filter(({ evidence }) =>
    evidence?.occurrences.some(({ location }) => /(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(location)),
  )
  expect(found.map(nameOf).toSorted()).toEqual([...installed].toSorted())
})

it('has the modules of go version -m', async () => {
  const lines = (await output(['go', 'version', '-m', crane]))
    .trim()
    .split('\n')
    .map((line) => line.split('\t'))
  const modules = lines.flatMap(([, word, path, version], place) => {
    const isReplaced = lines[place + 1]?.[1] === '=>'
    return ['mod', 'dep', '=>'].includes(word ?? '') && !isReplaced ? [`${path}@${version === '(devel)' ? '' : (version ?? '')}`] : []
  })
  const release = /: go(\S+)/.exec(lines[0]?.[0] ?? '')?.[1]
  expect(of('golang').map(nameOf).toSorted()).toEqual([...new Set([...modules, `stdlib@${release}`])].toSorted())
})

interface NpmNode {
  readonly name?: string
  readonly version?: string
  readonly missing?: boolean
  readonly dependencies?: Readonly<Record<string, NpmNode>>
}

function namesIn({ dependencies = {} }: NpmNode): readonly string[] {
  return Object.values(dependencies).flatMap((node) =>
    node.version === undefined || node.missing === true ? [] : [`${node.name}@${node.version}`, ...namesIn(node)],
  )
}

function tar(from: string, files: readonly string[]): Buffer {
  return execFileSync('tar', ['-C', from, '-czf', '-', '--files-from', '-'], { input: files.join('\n'), maxBuffer: 2 ** 30 })
}

function of(type: string): readonly Component[] {
  return document.components.filter(({ purl }) => purl?.startsWith(`pkg:${type}/`))
}

function nameOf({ group, name, version }: Component): string {
  return `${group === undefined ? '' : `${group}/`}${name}@${version}`
}
