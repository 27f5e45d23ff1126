import { describe, expect, it, test } from '@jest/globals'
import { filesOf, planOf, program } from './fixtures/planning.ts'
import { type Tree, tree } from './fixtures/tree.ts'

/** A program for amd64 or arm64 that can be executed. */
const bin = (machine = 62): Tree[string] => ({ text: Buffer.from(program(machine)).toString('latin1'), mode: 0o755 })
const given = { platform: { os: 'linux', architecture: 'amd64' } }
const go: Tree = { 'go.mod': 'module example.com/acme/shop/v2\n\ngo 1.24\n', 'main.go': '' }
const rust: Tree = { 'Cargo.toml': '[package]\nversion = "1.0.0"\nname = "shop"\n\n[dependencies]\nname = "x"\n' }

describe('a compiled program', () => {
  test.each<[string, 'go' | 'rust', Tree, string]>([
    ['in bin', 'go', { ...go, 'bin/anything': bin() }, 'anything'],
    ['of the platform', 'go', { ...go, 'bin/linux-amd64/shop': bin(), 'bin/linux-arm64/shop': bin(183) }, 'shop'],
    ['beside the source', 'go', { ...go, shop: bin(), 'build.sh': { text: '#!/bin/sh', mode: 0o755 } }, 'shop'],
    ['of the module, among several', 'go', { ...go, 'bin/shop': bin(), 'bin/tool': bin() }, 'shop'],
    [
      'for musl before others',
      'rust',
      { ...rust, 'target/x86_64-unknown-linux-musl/release/shop': bin(), 'target/release/other': bin() },
      'shop',
    ],
    [
      'of the package, among several',
      'rust',
      { ...rust, 'target/release/shop': bin(), 'target/release/x': bin(), 'target/release/libx.so': bin() },
      'shop',
    ],
  ])('is found %s', async (_name, plan, files, expected) => {
    await using context = await tree(files)
    const { layers, start } = await planOf(plan, context.folder, given)
    expect(filesOf({ layers })).toEqual({ program: [`usr/local/bin/${expected}`] })
    expect(start).toEqual({ program: [`/usr/local/bin/${expected}`] })
    expect(layers[0]?.isApplication).toBe(true)
  })

  it('on scratch comes with users, /tmp and certificates below it', async () => {
    await using context = await tree({ ...go, 'bin/shop': bin() })
    const { layers } = await planOf('go', context.folder, { ...given, onScratch: true })
    expect(layers.map(({ name }) => name)).toEqual(['system', 'program'])
    expect(layers[0]?.entries.map(({ path }) => path)).toEqual(expect.arrayContaining(['etc/passwd', 'tmp']))
  })

  it('comes after the layers of the user', async () => {
    await using context = await tree({ ...go, 'bin/shop': bin(), 'templates/a.html': '' })
    const { layers } = await planOf('go', context.folder, { ...given, rules: ['templates:/srv/templates'] })
    expect(layers.map(({ name }) => name)).toEqual(['templates:/srv/templates', 'program'])
  })

  test.each<[string, 'go' | 'rust', Tree, string]>([
    ['that is not built', 'go', go, 'CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build'],
    ['that is for another processor', 'go', { ...go, 'bin/shop': bin(183) }, 'GOARCH=amd64'],
    ['that may not be executed', 'go', { ...go, 'bin/shop': program(62) }, 'go build'],
    ['among several of other names', 'go', { ...go, 'bin/a': bin(), 'bin/b': bin() }, 'context: bin/a'],
    ['that is not built by Cargo', 'rust', rust, 'cargo build --release'],
  ])('%s is refused', async (_name, plan, files, hint) => {
    await using context = await tree(files)
    await expect(planOf(plan, context.folder, given)).rejects.toMatchObject({ code: 'SW-BUILD-PLAN', hint: expect.stringContaining(hint) })
  })
})
