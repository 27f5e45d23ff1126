import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { createPlaces, TemporaryFolders } from './files.ts'
import { temporaryFolder } from './fixtures/folder.ts'

const folder = temporaryFolder()

describe('temporary folders', () => {
  it('are private, apart, and removed together', () => {
    const root = join(folder, 'runner', 'temp')
    const temporary = new TemporaryFolders(root)
    const one = temporary.make('auth')
    const other = temporary.make('auth')
    writeFileSync(join(one, 'config.json'), 'x')
    chmodSync(other, 0o500)
    expect(one).not.toBe(other)
    expect(one.startsWith(join(root, 'auth-'))).toBe(true)
    expect(statSync(one).mode & 0o777).toBe(0o700)
    expect(temporary.removeAll()).toEqual([])
    expect(readdirSync(root)).toEqual([])
    expect(temporary.removeAll()).toEqual([])
  })

  it('name a root that cannot be written', () => {
    expect(() => new TemporaryFolders('/etc/passwd/slipway').make('x')).toThrow(expect.objectContaining({ code: 'SW-FILE-KIND' }))
  })

  it('are where a port’s temporary folders come from', async () => {
    const root = join(folder, 'temp')
    const places = createPlaces({ workspace: '/w', state: '/w/.slipway', temporary: new TemporaryFolders(root) })
    expect(await places.temporary('x')).toMatch(new RegExp(`^${root}/x-`))
    expect([places.workspace, places.state]).toEqual(['/w', '/w/.slipway'])
  })
})
