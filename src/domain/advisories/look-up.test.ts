import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { fakeOsv } from '../../../test/fakes/osv.ts'
import { temporaryFolder } from '../../io/fixtures/folder.ts'
import { zipOf } from '../../io/fixtures/zip.ts'
import type { Answers } from './database.ts'
import { lookUp } from './look-up.ts'
import { about, lodash, npm, remotePorts } from './remote/remote.fake.ts'

const root = temporaryFolder()
const ids = ({ advisories }: Answers): readonly string[] => [...advisories.values()].flat().map(({ id }) => id)

describe('a database is', () => {
  const ask = (database: string, workspace = root): Promise<Answers> => {
    const { folder, ...ports } = remotePorts()
    return lookUp(database, [npm('a')], { ...ports, workspace, folder: () => Promise.resolve(folder) })
  }

  it('a folder or a file below the workspace', async () => {
    const workspace = mkdtempSync(join(root, 'workspace-'))
    mkdirSync(join(workspace, 'advisories'))
    writeFileSync(join(workspace, 'advisories', 'A.json'), JSON.stringify(about('A', 'a')))
    expect([ids(await ask('advisories', workspace)), ids(await ask('advisories/A.json', workspace))]).toEqual([['A'], ['A']])
  })

  it('the address of a service, or of archives where the name of the ecosystem stands in it', async () => {
    const archive = zipOf([{ path: 'B.json', text: JSON.stringify(about('B', 'a')) }])
    const { url, asked, close } = await fakeOsv([lodash, about('A', 'a')], { archives: { npm: archive } })
    expect(ids(await ask(`${url}/mirror/{ecosystem}/all.zip`))).toEqual(['B'])
    expect(ids(await ask(url))).toEqual(['A'])
    expect(asked).toEqual(['GET /mirror/npm/all.zip', 'POST /v1/querybatch', 'GET /v1/vulns/A'])
    await close()
  })

  it.each(['https://example.com/npm/all.zip', 'none', 'none/all.zip'])('not %s, and the message says what it may be', async (database) => {
    await expect(ask(database)).rejects.toMatchObject({ code: 'SW-ADVISORIES-MISSING', hint: expect.stringMatching(/^database: /) })
  })

  it.each([
    'http://advisories.example.com',
    'http://advisories.example.com/{ecosystem}/all.zip',
    'https://user:word@advisories.example.com',
  ])('not %s: it could be read or changed on the way, or is a secret in the wrong place', async (database) => {
    await expect(ask(database)).rejects.toMatchObject({ code: 'SW-HTTP-REFUSED-URL' })
  })
})
