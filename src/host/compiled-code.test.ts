import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { CompiledCode, type KeptPlace } from './compiled-code.ts'

const place = (): { readonly script: string; readonly to: KeptPlace; readonly folder: string; readonly kept: string } => {
  const base = mkdtempSync(join(tmpdir(), 'slipway-compiled-'))
  const script = join(base, 'script.js')
  writeFileSync(script, '(() => 1)()')
  const to = { bundles: join(base, 'compiled'), bundle: 'one', command: 'run' }
  const folder = join(to.bundles, to.bundle, to.command)
  return { script, to, folder, kept: join(folder, 'script.js') }
}

/** A process that runs the script once. */
function runOnce(script: string, to: KeptPlace | undefined): unknown {
  const code = new CompiledCode(to)
  const value = code.run(script)
  code.keep()
  return value
}

describe('code that is kept', () => {
  it('is in one file for a script, which is not written again', () => {
    const { script, to, folder, kept } = place()
    expect(runOnce(script, to)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
    const first = readFileSync(kept)
    chmodSync(kept, 0o400)
    expect(runOnce(script, to)).toBe(1)
    expect(readFileSync(kept)).toEqual(first)
  })

  test.each<[string, (kept: string) => void]>([
    ['is cut', (kept) => truncateSync(kept, 100)],
    ['is empty', (kept) => truncateSync(kept, 0)],
    ['has a byte changed', (kept) => change(kept, -1)],
    ['is of another source', (kept) => change(kept, 0)],
  ])('and %s is made again', (_, harm) => {
    const { script, to, kept } = place()
    runOnce(script, to)
    const good = readFileSync(kept).length
    harm(kept)
    expect(runOnce(script, to)).toBe(1)
    expect(readFileSync(kept)).toHaveLength(good)
  })

  it('is not taken for another source of the same length', () => {
    const { script, to } = place()
    runOnce(script, to)
    writeFileSync(script, '(() => 2)()')
    expect(runOnce(script, to)).toBe(2)
    expect(runOnce(script, to)).toBe(2)
  })

  it('leaves no file behind that a process was killed over', () => {
    const { script, to, folder, kept } = place()
    runOnce(script, to)
    renameSync(kept, `${kept}.new`)
    truncateSync(`${kept}.new`, 50)
    expect(runOnce(script, to)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
  })

  it('leaves no part of it where the rest cannot be written', () => {
    const { script, to, folder, kept } = place()
    mkdirSync(kept, { recursive: true })
    expect(runOnce(script, to)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
  })

  it('is none without a folder, nor where it cannot be written', () => {
    const { script, to } = place()
    expect(runOnce(script, undefined)).toBe(1)
    expect(runOnce(script, { ...to, bundles: join(script, 'below') })).toBe(1)
  })

  it('is one for each bundle, and none of those that kept something longest ago', () => {
    const { script, to } = place()
    const names = ['one', 'two', 'three', 'four', 'five']
    const keptOf = (bundle: string): Buffer => readFileSync(join(to.bundles, bundle, 'run', 'script.js'))
    for (const [hour, bundle] of names.entries()) {
      writeFileSync(script, `(() => '${bundle}')()`)
      expect(runOnce(script, { ...to, bundle })).toBe(bundle)
      utimesSync(join(to.bundles, bundle), 1000 + hour, 1000 + hour)
    }
    expect(readdirSync(to.bundles).sort()).toEqual(names.slice(1).sort())
    const before = keptOf('two')
    writeFileSync(script, `(() => 'two')()`)
    expect(runOnce(script, { ...to, bundle: 'two' })).toBe('two')
    expect(keptOf('two')).toEqual(before)
  })
})

function change(path: string, at: number): void {
  const bytes = readFileSync(path)
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
  writeFileSync(path, bytes)
}
