import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { cloudOfMachine } from './machine.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-dmi-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('the cloud of a machine', () => {
  it.each([
    ['product_name', 'Google Compute Engine\n', 'google'],
    ['sys_vendor', 'Amazon EC2\n', 'amazon'],
    ['chassis_asset_tag', '7783-7084-3265-9085-8269-3286-77\n', 'azure'],
    ['product_name', 'Not Google\n', undefined],
    ['sys_vendor', 'QEMU\n', undefined],
  ])('is, with %s of %j, %s', async (file, text, cloud) => {
    await writeFile(join(folder, file), text)
    expect(await cloudOfMachine(folder)).toBe(cloud)
  })

  it('is none where the firmware says nothing', async () => {
    expect(await cloudOfMachine(join(folder, 'gone'))).toBeUndefined()
  })
})
