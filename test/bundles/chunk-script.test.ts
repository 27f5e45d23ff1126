import { expect, it, test } from '@jest/globals'
import { chunkScript } from '../../scripts/chunk-script.ts'

const chunk = (code: string): string => `export const id=1;export const ids=[1];export const modules={7:(()=>{${code}})};\n`

it('a chunk is a function that gives its modules, with import.meta.url as an argument where it is code', async () => {
  const script = await chunkScript(chunk('const written="import.meta.url · é";return [written,import.meta.url]'))
  expect(script).toBe(
    '((importMetaUrl,createRequire)=>{"use strict";return {7:(()=>{const written="import.meta.url · é";return [written,importMetaUrl]})}})\n',
  )
})

it('a chunk may have a number that is shorter with an exponent', async () => {
  const script = await chunkScript('export const id=7e3;export const ids=[7e3,12];export const modules={7e3:1};\n')
  expect(script).toBe('((importMetaUrl,createRequire)=>{"use strict";return {7e3:1}})\n')
})

test.each([
  ['import()', 'return import("node:fs")', /has a Import of its own/],
  ['import.meta', 'return import.meta.dirname', /has a MetaProperty of its own/],
])('a chunk with %s is refused', async (_, code, message) => {
  await expect(chunkScript(chunk(code))).rejects.toThrow(message)
})

it('what is no chunk is refused', async () => {
  await expect(chunkScript('export const a=1;\n')).rejects.toThrow('not as webpack makes them')
})
