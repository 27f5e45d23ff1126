import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { checkoutOf } from './checkout.ts'
import { workspaceWith } from './road.fake.ts'

const commit = '4f1c2d9'.padEnd(40, '0')
const other = 'b'.repeat(40)
const ref = 'refs/heads/main'

test.each<[string, Record<string, string>, string, object]>([
  ['a branch', { '.git/HEAD': `ref: ${ref}\n`, '.git/refs/heads/main': `${commit}\n` }, '.', { commit, ref }],
  [
    'a packed branch',
    { '.git/HEAD': `ref: ${ref}\n`, '.git/packed-refs': `# pack-refs\n${other} ${ref}-2\n${commit} ${ref}\n^${other}\n` },
    '.',
    { commit, ref },
  ],
  ['a detached head', { '.git/HEAD': `${commit}\n` }, '.', { commit }],
  ['a branch without a commit', { '.git/HEAD': `ref: ${ref}\n` }, '.', { ref }],
  [
    'a branch whose file holds something else',
    { '.git/HEAD': 'ref: refs/../../notes\n', notes: 'geheim' },
    '.',
    { ref: 'refs/../../notes' },
  ],
  ['a folder below', { '.git/HEAD': `${commit}\n`, 'a/b/file': '' }, 'a/b', { commit }],
  [
    'a worktree',
    {
      '.git': 'gitdir: main/worktrees/x\n',
      'main/worktrees/x/HEAD': `ref: ${ref}`,
      'main/worktrees/x/commondir': '../..\n',
      'main/refs/heads/main': commit,
    },
    '.',
    { commit, ref },
  ],
  ['no checkout', { file: '' }, '.', {}],
  ['a broken one', { '.git/HEAD': 'nonsense' }, '.', {}],
])('%s', async (_what, files, folder, expected) => {
  expect(await checkoutOf(join(workspaceWith(files), folder))).toEqual(expected)
})

const config = (url: string): string =>
  `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n\tfetch = +refs/heads/*\n[branch "main"]\n\turl = x\n`

test.each([
  ['https://github.com/acme/app.git', 'https://github.com/acme/app'],
  ['https://x-access-token:geheim@github.com/acme/app', 'https://github.com/acme/app'],
  ['git@github.com:acme/app.git', 'https://github.com/acme/app'],
  ['ssh://git@gitlab.example.com:2222/acme/team/app.git', 'https://gitlab.example.com/acme/team/app'],
  ['http://10.88.0.1:8080/app.git/', 'http://10.88.0.1:8080/app'],
  ['file:///srv/app.git', undefined],
  ['../app.git', undefined],
])('the origin %s is %s', async (url, repository) => {
  const folder = workspaceWith({ '.git/HEAD': `${commit}\n`, '.git/config': config(url) })
  expect(await checkoutOf(folder)).toEqual({ commit, ...(repository === undefined ? {} : { repository }) })
})
