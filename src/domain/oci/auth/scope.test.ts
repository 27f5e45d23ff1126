import { describe, expect, it } from '@jest/globals'
import { isSameScope, repositoryScope, unionOf } from './scope.ts'

describe('scopes', () => {
  it('are written as the token service reads them', () => {
    expect(repositoryScope('team/app', 'pull', 'push')).toBe('repository:team/app:pull,push')
  })

  it.each<[string[], string[], string[]]>([
    [['repository:a:pull'], ['repository:a:push'], ['repository:a:pull,push']],
    [['repository:b:pull'], ['repository:a:pull'], ['repository:b:pull', 'repository:a:pull']],
    [[], ['repository:host:5000/a:pull', 'repository:host:5000/a:pull'], ['repository:host:5000/a:pull']],
    [['registry:catalog:*'], [], ['registry:catalog:*']],
    [['*'], [], ['*']],
  ])('%j and %j are %j', (first, second, union) => expect(unionOf(first, second)).toEqual(union))

  it('are the same in any order', () => {
    expect(isSameScope(['repository:a:push,pull', 'x:y:z'], ['x:y:z', 'repository:a:pull', 'repository:a:push'])).toBe(true)
    expect(isSameScope(['repository:a:pull'], ['repository:a:pull,push'])).toBe(false)
  })
})
