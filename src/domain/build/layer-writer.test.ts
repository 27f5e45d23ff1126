import { describe, expect, it } from '@jest/globals'
import { measureLayer } from './layer-writer.ts'

describe('a layer that is being packed', () => {
  it.each(['gzip', 'zstd', 'none'] as const)('hears of a signal: %s', async (algorithm) => {
    const abort = new AbortController()
    const onBytes = (): void => void setImmediate(() => abort.abort(new Error('stopped')))
    const entries = [0, 1, 2, 3].map((index) => ({
      ...({ kind: 'file', path: `file-${index}`, mode: 0o644 } as const),
      content: Buffer.alloc(2 ** 20),
    }))
    await expect(measureLayer(entries, { compression: { algorithm }, signal: abort.signal, onBytes })).rejects.toThrow('stopped')
  })
})
