import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { CompiledCode } from './compiled-code.ts'

const place = (): { readonly script: string; readonly folder: string; readonly kept: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-compiled-'))
  const script = join(folder, 'script.js')
  writeFileSync(script, '(() => 1)()')
  return { script, folder: join(folder, 'compiled', 'run'), kept: join(folder, 'compiled', 'run', 'script.js') }
}

/** A process that runs the script once. */
function runOnce(script: string, folder: string | undefined): unknown {
  const code = new CompiledCode(folder)
  const value = code.run(script)
  code.keep()
  return value
}

describe('code that is kept', () => {
  it('is in one file for a script, which is not written again', () => {
    const { script, folder, kept } = place()
    expect(runOnce(script, folder)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
    const first = readFileSync(kept)
    chmodSync(kept, 0o400)
    expect(runOnce(script, folder)).toBe(1)
    expect(readFileSync(kept)).toEqual(first)
  })

  test.each<[string, (kept: string) => void]>([
    ['is cut', (kept) => truncateSync(kept, 100)],
    ['is empty', (kept) => truncateSync(kept, 0)],
    ['has a byte changed', (kept) => change(kept, -1)],
    ['is of another source', (kept) => change(kept, 0)],
  ])('and %s is made again', (_, harm) => {
    const { script, folder, kept } = place()
    runOnce(script, folder)
    const good = readFileSync(kept).length
    harm(kept)
    expect(runOnce(script, folder)).toBe(1)
    expect(readFileSync(kept)).toHaveLength(good)
  })

  it('is not taken for another source of the same length', () => {
    const { script, folder } = place()
    runOnce(script, folder)
    writeFileSync(script, '(() => 2)()')
    expect(runOnce(script, folder)).toBe(2)
    expect(runOnce(script, folder)).toBe(2)
  })

  it('leaves no file behind that a process was killed over', () => {
    const { script, folder, kept } = place()
    runOnce(script, folder)
    renameSync(kept, `${kept}.new`)
    truncateSync(`${kept}.new`, 50)
    expect(runOnce(script, folder)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
  })

  it('leaves no part of it where the rest cannot be written', () => {
    const { script, folder, kept } = place()
    mkdirSync(kept, { recursive: true })
    expect(runOnce(script, folder)).toBe(1)
    expect(readdirSync(folder)).toEqual(['script.js'])
  })

  it('is none without a folder, nor where it cannot be written', () => {
    const { script } = place()
    expect(runOnce(script, undefined)).toBe(1)
    expect(runOnce(script, join(script, 'below'))).toBe(1)
  })
})

function change(path: string, at: number): void {
  const bytes = readFileSync(path)
  const place = at < 0 ? bytes.length + at : at
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place)
  writeFileSync(path, bytes)
}
