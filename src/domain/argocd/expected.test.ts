import { describe, expect, test } from '@jest/globals'
import * as v from 'valibot'
import { expectedOf, type Wanted } from './expected.ts'
import { application } from './schema.ts'

const [commit, other] = ['a'.repeat(40), 'b'.repeat(40)]
const git = (repoURL: string, more: object = {}): object => ({ repoURL, path: 'app', targetRevision: 'main', ...more })
const chart = { repoURL: 'https://charts.example.com', chart: 'web', targetRevision: '1.*' }
const ours = 'https://git.example.com/acme/deploy.git'

function expected(sources: readonly object[], wanted: Partial<Wanted>): readonly (string | undefined)[] {
  const app = v.parse(application, { metadata: { name: 'web' }, spec: { sources } })
  return expectedOf(app, { revision: undefined, bySource: {}, repository: undefined, ...wanted })
}

describe('the revision that is wanted of each source', () => {
  test.each<[string, readonly object[], Partial<Wanted>, readonly (string | undefined)[]]>([
    ['of the only one, whatever its address', [git('ssh://git@10.0.0.1/deploy')], { revision: commit, repository: ours }, [commit]],
    [
      'of those from the repository that was written to, by any of its addresses',
      [git('https://git.example.com/acme/deploy/'), chart, git('https://git.example.com/acme/other')],
      { revision: commit, repository: ours },
      [commit, undefined, undefined],
    ],
    ['by its place', [chart, git(ours)], { bySource: { 2: commit } }, [undefined, commit]],
    ['by its name', [chart, git(ours, { name: 'config' })], { bySource: { config: commit } }, [undefined, commit]],
    ['by what others call its values', [chart, git(ours, { ref: 'values' })], { bySource: { values: commit } }, [undefined, commit]],
    ['of a chart its version', [chart], { revision: '1.2.3' }, ['1.2.3']],
    [
      'of an artifact its digest',
      [git('oci://registry.example.com/web')],
      { revision: `sha256:${'1'.repeat(64)}` },
      [`sha256:${'1'.repeat(64)}`],
    ],
    ['of a repository with long hashes', [git(ours)], { revision: 'c'.repeat(64) }, ['c'.repeat(64)]],
  ])('%s', (_, sources, wanted, revisions) => {
    expect(expected(sources, wanted)).toEqual(revisions)
  })

  test.each<[string, readonly object[], Partial<Wanted>, RegExp]>([
    ['nothing says it', [git(ours)], {}, /Nothing says which revision of web/],
    ['it is a branch', [git(ours)], { revision: 'main' }, /is "main", expected the full hash/],
    ['it is a tag', [git(ours)], { revision: 'v1.2.3' }, /is "v1.2.3", expected the full hash/],
    ['it is a short hash', [git(ours)], { revision: commit.slice(0, 12) }, /expected the full hash/],
    ['it is a hash in capitals, which Argo CD never writes', [git(ours)], { revision: 'A'.repeat(40) }, /expected the full hash/],
    ['a source by name has a branch', [chart, git(ours)], { bySource: { 2: 'main' } }, /expected the full hash/],
    ['a chart has a commit', [chart], { revision: commit }, /made of the chart web, and aaaaaaaaaaaa is a commit/],
    [
      'none of several is from the repository',
      [chart, git('https://a.example/x')],
      { revision: commit, repository: ours },
      /none is from https:\/\/git/,
    ],
    ['none is known to be', [chart, git(ours)], { revision: commit }, /none is from a repository that is known/],
    ['there is no such place', [git(ours)], { bySource: { 2: commit } }, /web has no source "2": 1 https/],
    ['there is no such name', [git(ours)], { bySource: { config: other } }, /web has no source "config"/],
  ])('is refused where %s', (_, sources, wanted, words) => {
    expect(() => expected(sources, wanted)).toThrow(words)
  })
})
