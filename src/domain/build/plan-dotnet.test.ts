import { describe, expect, it, test } from '@jest/globals'
import { filesOf, planOf, program } from './fixtures/planning.ts'
import { type Tree, tree } from './fixtures/tree.ts'

const json = JSON.stringify
const aspnet = { name: 'Microsoft.AspNetCore.App', version: '8.0.0' }
const settings = json({ runtimeOptions: { tfm: 'net8.0', frameworks: [{ name: 'Microsoft.NETCore.App', version: '8.0.0' }, aspnet] } })
const target = '.NETCoreApp,Version=v8.0'

/** As `dotnet publish -c Release` of SDK 8 writes it: assets by their path in the package, published by their names. */
const dependencies = json({
  runtimeTarget: { name: target, signature: '' },
  targets: {
    [target]: {
      'Shop/1.0.0': { dependencies: { 'Newtonsoft.Json': '13.0.3', Lib: '1.0.0' }, runtime: { 'Shop.dll': {} } },
      'Newtonsoft.Json/13.0.3': { runtime: { 'lib/net6.0/Newtonsoft.Json.dll': { assemblyVersion: '13.0.0.0' } } },
      'Humanizer/2.14.1': { resources: { 'lib/net6.0/de/Humanizer.resources.dll': { locale: 'de' } } },
      'SQLite/1.0.0': { runtimeTargets: { 'runtimes/linux-x64/native/libsqlite3.so': { rid: 'linux-x64', assetType: 'native' } } },
      'Lib/1.0.0': { runtime: { 'Lib.dll': {} } },
    },
  },
  libraries: {
    'Shop/1.0.0': { type: 'project' },
    'Newtonsoft.Json/13.0.3': { type: 'package' },
    'Humanizer/2.14.1': { type: 'package' },
    'SQLite/1.0.0': { type: 'package' },
    'Lib/1.0.0': { type: 'project' },
  },
})

const publish: Tree = {
  'Shop.runtimeconfig.json': settings,
  'Shop.deps.json': dependencies,
  'Shop.dll': '',
  'Lib.dll': '',
  'Newtonsoft.Json.dll': 'j'.repeat(2 ** 20),
  'de/Humanizer.resources.dll': '',
  'runtimes/linux-x64/native/libsqlite3.so': '',
  'appsettings.json': '{}',
}
const below = (folder: string, files: Tree): Tree =>
  Object.fromEntries(Object.entries(files).map(([path, file]) => [`${folder}/${path}`, file]))

const included = json({ runtimeOptions: { includedFrameworks: [{ name: 'Microsoft.NETCore.App', version: '8.0.11' }] } })
const selfContained = (machine: number): Tree => ({
  'Shop.runtimeconfig.json': included,
  'Shop.deps.json': json({
    runtimeTarget: { name: `${target}/linux-x64` },
    targets: {
      [target]: {},
      [`${target}/linux-x64`]: { 'runtimepack.Core/8.0.11': { runtime: { 'System.dll': {} }, native: { 'libcoreclr.so': {} } } },
    },
    libraries: { 'runtimepack.Core/8.0.11': { type: 'runtimepack' } },
  }),
  Shop: program(machine),
  'Shop.dll': '',
  'System.dll': '',
  'libcoreclr.so': '',
})
/** An ELF file that ends where its program headers would begin. */
const cut = Buffer.from(program(62))
cut.writeUInt8(64, 32)
cut.writeUInt16LE(56, 54)
cut.writeUInt16LE(2, 56)
const { Shop: _, ...withoutProgram } = selfContained(62)
const amd64 = { platform: { os: 'linux', architecture: 'amd64' } }

describe('a published .NET program', () => {
  it('is its packages, the large ones each for itself, and the application with its own libraries', async () => {
    await using context = await tree(publish)
    const plan = await planOf('dotnet', context.folder)
    expect(filesOf(plan)).toEqual({
      'dependency Newtonsoft.Json': ['app/Newtonsoft.Json.dll'],
      dependencies: ['app/de/Humanizer.resources.dll', 'app/runtimes/linux-x64/native/libsqlite3.so'],
      application: ['app/Lib.dll', 'app/Shop.deps.json', 'app/Shop.dll', 'app/Shop.runtimeconfig.json', 'app/appsettings.json'],
    })
    expect(plan).toMatchObject({ start: { runtime: 'dotnet', args: ['Shop.dll'] }, workdir: '/app' })
  })

  it('is found in the project, whatever .dockerignore has; rules speak of the project', async () => {
    const project = { 'Shop.csproj': '', '.dockerignore': 'bin\nobj\n', 'conf/a': '', ...below('bin/Release/net8.0/publish', publish) }
    await using context = await tree(project)
    const plan = await planOf('dotnet', context.folder, { rules: ['conf:/etc/shop'] })
    expect(Object.keys(filesOf(plan))).toEqual(['conf:/etc/shop', 'dependency Newtonsoft.Json', 'dependencies', 'application'])
  })

  it('with its runtime has that as a layer and starts by itself', async () => {
    await using context = await tree(selfContained(62))
    const plan = await planOf('dotnet', context.folder, amd64)
    expect(filesOf(plan)).toMatchObject({ runtime: ['app/System.dll', 'app/libcoreclr.so'] })
    expect(plan.start).toEqual({ program: ['/app/Shop'] })
  })

  test.each<[string, Tree, Parameters<typeof planOf>[2], string, string]>([
    ['on scratch', publish, { onScratch: true }, 'SW-BUILD-BASE-NEEDED', 'dotnet/aspnet:8.0'],
    ['with its runtime on scratch', selfContained(62), { ...amd64, onScratch: true }, 'SW-BUILD-BASE-NEEDED', 'dotnet/runtime-deps:8.0'],
    ['for another processor', selfContained(183), amd64, 'SW-BUILD-PLATFORM', '--arch x64'],
    ['made for another system', { ...selfContained(62), Shop: 'MZ' }, amd64, 'SW-BUILD-NO-ENTRYPOINT', '--os linux'],
    ['without its program', withoutProgram, amd64, 'SW-BUILD-NO-ENTRYPOINT', '--os linux'],
    ['that is not published', { 'Shop.csproj': '' }, {}, 'SW-BUILD-PLAN', 'dotnet publish'],
    [
      'published twice',
      { ...below('bin/Release/net8.0/publish', publish), ...below('bin/Release/net8.0/linux-x64/publish', publish) },
      {},
      'SW-BUILD-PLAN',
      'context: bin/Release/net8.0/publish',
    ],
  ])('%s is refused', async (_name, files, options, code, hint) => {
    await using context = await tree(files)
    await expect(planOf('dotnet', context.folder, options)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
  })

  it('whose program was cut is told as that, not as one for another system', async () => {
    await using context = await tree({ ...selfContained(62), Shop: cut })
    await expect(planOf('dotnet', context.folder, amd64)).rejects.toMatchObject({
      code: 'SW-BUILD-BINARY-BROKEN',
      message: expect.stringContaining('ends before its program headers do'),
    })
  })

  test.each<[string, Tree]>([
    ['two programs', { ...publish, 'Other.runtimeconfig.json': settings }],
    ['settings of another shape', { ...publish, 'Shop.runtimeconfig.json': '{}' }],
    ['dependencies of another shape', { ...publish, 'Shop.deps.json': '[]' }],
  ])('with %s is refused', async (_name, files) => {
    await using context = await tree(files)
    await expect(planOf('dotnet', context.folder)).rejects.toMatchObject({ code: 'SW-BUILD-PLAN' })
  })
})
