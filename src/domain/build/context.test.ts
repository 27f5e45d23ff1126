import { execFileSync } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { contextFolder, readContext } from './context.ts'
import { fill, tree } from './fixtures/tree.ts'

const paths = async (folder: string, own: readonly string[] = []): Promise<readonly string[]> =>
  (await readContext(folder, { own })).files.map(({ path }) => path)

describe('what a build takes files from', () => {
  it('is everything that .dockerignore leaves in, folders before their content', async () => {
    await using context = await tree({
      '.dockerignore': 'docs\n!docs/api\n*.log\n',
      'a.log': '',
      'docs/a.md': '',
      'docs/api/b.md': '',
      'empty/': '',
      '.git/HEAD': '',
      '.slipway/record.json': '',
      '.hidden': '',
      'src/main.js': '',
    })
    expect(await paths(context.folder)).toEqual(['.hidden', 'docs/api', 'docs/api/b.md', 'empty', 'src', 'src/main.js'])
  })

  it('leaves out what the build itself writes', async () => {
    await using context = await tree({ 'out/index.json': '', 'out2/x': '' })
    expect(await paths(context.folder, [join(context.folder, 'out'), '/elsewhere', context.folder])).toEqual(['out2', 'out2/x'])
  })

  it('names the credentials that it left out, and those that the user wants', async () => {
    await using context = await tree({
      '.env': 'A=1',
      'config/.npmrc': '',
      '.env.example': '',
      'a.js': '',
      id_rsa: '',
      '.dockerignore': '!config/.npmrc\nid_rsa\n',
    })
    const { files, credentials } = await readContext(context.folder)
    expect(files.map(({ path }) => path)).toEqual(['.env.example', 'a.js', 'config', 'config/.npmrc'])
    expect(credentials).toEqual([
      { path: '.env', isTaken: false },
      { path: 'config/.npmrc', isTaken: true },
    ])
  })

  it('does not enter an ignored folder, readable or not', async () => {
    await using context = await tree({ '.dockerignore': 'private', 'private/x': '', 'a.js': '' })
    execFileSync('chmod', ['000', join(context.folder, 'private')])
    expect(await paths(context.folder)).toEqual(['a.js'])
    execFileSync('chmod', ['700', join(context.folder, 'private')])
  })

  it('reports sockets and pipes as what they are, for whoever takes them', async () => {
    await using context = await tree({ 'a.js': '' })
    execFileSync('mkfifo', [join(context.folder, 'pipe')])
    const server = createServer().listen(join(context.folder, 'socket'))
    const { files } = await readContext(context.folder)
    server.close()
    expect(files.map(({ path, kind }) => [path, kind])).toEqual([
      ['a.js', 'file'],
      ['pipe', 'other'],
      ['socket', 'other'],
    ])
  })

  it('has the bytes of names as they are: composed and decomposed letters are two files', async () => {
    await using context = await tree({})
    await fill(context.folder, { 'caf\u00e9': '', 'cafe\u0301': '', '\u{1f600}': '', '\uffee': '' })
    expect(await paths(context.folder)).toEqual(['cafe\u0301', 'caf\u00e9', '\uffee', '\u{1f600}'])
  })

  it('may be given through a symbolic link', async () => {
    await using context = await tree({ 'real/a.js': '', link: { link: 'real' } })
    expect(await contextFolder(join(context.folder, 'link'))).toBe(join(context.folder, 'real'))
  })

  it('is undefined as a folder when it is a file, and missing when it is not there', async () => {
    await using context = await tree({ file: '' })
    expect(await contextFolder(join(context.folder, 'file'))).toBeUndefined()
    await expect(contextFolder(join(context.folder, 'none'))).rejects.toMatchObject({ code: 'SW-BUILD-CONTEXT-MISSING' })
  })

  it('hears of a signal while it reads', async () => {
    await using context = await tree(Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`file-${index}`, ''])))
    const abort = new AbortController()
    setImmediate(() => abort.abort(new Error('stopped')))
    await expect(readContext(context.folder, { signal: abort.signal })).rejects.toThrow('stopped')
  })

  it('stops when the run is aborted', async () => {
    await using context = await tree({ a: '' })
    await expect(readContext(context.folder, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped')
  })
})
