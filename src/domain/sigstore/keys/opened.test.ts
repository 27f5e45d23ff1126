import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import type { Http } from '../../../spec/ports.ts'
import { openedOnce } from './opened.ts'

const pem = readFileSync(join(import.meta.dirname, 'fixtures', 'cosign.key'), 'utf8')
const closed = { pem, password: 'hello', where: 'cosign.key' }
const connections = (): Http => ({ ...fakePorts().ports.http })

describe('a key that is opened', () => {
  test('is opened once for all tasks of a run', async () => {
    const http = connections()
    const opening = openedOnce(http, closed)
    expect(openedOnce(http, { ...closed })).toBe(opening)
    expect((await opening).public.algorithm).toBe('ecdsa-p256-sha256')
    expect(openedOnce(connections(), closed)).not.toBe(opening)
  })

  test.each(['other', '', undefined])('is open for nobody with the password %j', async (password) => {
    const http = connections()
    await openedOnce(http, closed)
    await expect(openedOnce(http, { ...closed, password })).rejects.toMatchObject({ code: 'SW-KEY-PASSWORD' })
  })
})
