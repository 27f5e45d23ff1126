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
