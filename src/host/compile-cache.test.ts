import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, test } from '@jest/globals'
import { compileCacheFolder } from './compile-cache.ts'
import type { Environment } from './process-environment.ts'

const user = process.geteuid?.()
const folderFor = (environment: Environment, workingFolder = '/work/app'): string | undefined =>
  compileCacheFolder({ environment, workingFolder, user })
const made = (home: string): string => join(home, '.cache/slipway/compiled')

/** A home of this user, below a folder that others may write to only where it is sticky, as /tmp is. */
function homeOf(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'slipway-compile-cache-')))
}

describe('compiled code is kept', () => {
  it('in the cache of the user, where nobody else can read or write', () => {
    const home = homeOf()
    expect(folderFor({ HOME: home })).toBe(made(home))
    expect(lstatSync(made(home)).mode & 0o777).toBe(0o700)
  })

  it('where XDG_CACHE_HOME says, before HOME', () => {
    const [home, cache] = [homeOf(), homeOf()]
    expect(folderFor({ HOME: home, XDG_CACHE_HOME: cache })).toBe(join(cache, 'slipway/compiled'))
    expect(existsSync(made(home))).toBe(false)
  })

  it('behind a link of the user, under the name of where it is', () => {
    const [home, disk] = [homeOf(), homeOf()]
    symlinkSync(disk, join(home, '.cache'))
    expect(folderFor({ HOME: home })).toBe(join(disk, 'slipway/compiled'))
  })
})

describe('compiled code is not kept', () => {
  test.each<[string, Record<string, string>]>([
    ['in CI', { CI: 'true' }],
    ['on GitHub', { GITHUB_ACTIONS: 'true' }],
    ['on Jenkins', { JENKINS_URL: 'https://jenkins.example' }],
    ['on Azure Pipelines', { TF_BUILD: 'True' }],
    ['in a pod', { KUBERNETES_SERVICE_HOST: '10.0.0.1' }],
  ])('%s, and nothing is made there', (_, given) => {
    const home = homeOf()
    expect(folderFor({ HOME: home, ...given })).toBeUndefined()
    expect(existsSync(join(home, '.cache'))).toBe(false)
  })

  test.each<[string, Record<string, string>]>([
    ['no home', {}],
    ['a relative home', { HOME: 'home' }],
    ['a home that is not there', { HOME: join(homeOf(), 'none') }],
  ])('with %s', (_, environment) => {
    expect(folderFor(environment)).toBeUndefined()
  })

  it.each(['.', '..'])('where it would become a part of what is built: home is %s of the working folder', (way) => {
    const folder = homeOf()
    mkdirSync(join(folder, 'home'))
    const home = join(folder, 'home')
    const workingFolder = join(home, way)
    expect(folderFor({ HOME: home }, workingFolder)).toBeUndefined()
    expect(existsSync(join(home, '.cache'))).toBe(false)
  })

  it('where a link leads into what is built, and nothing is made there', () => {
    const [home, workingFolder] = [homeOf(), homeOf()]
    symlinkSync(workingFolder, join(home, '.cache'))
    expect(folderFor({ HOME: home }, workingFolder)).toBeUndefined()
    expect(readdirSync(workingFolder)).toEqual([])
  })

  it('where a system has no users', () => {
    expect(compileCacheFolder({ environment: { HOME: homeOf() }, workingFolder: '/work/app', user: undefined })).toBeUndefined()
  })

  it('in a home of somebody else, and nothing is made there: root would make it under sudo', () => {
    const home = homeOf()
    const other = { workingFolder: '/work/app', user: (user ?? 0) + 1 }
    expect(compileCacheFolder({ environment: { HOME: home }, ...other })).toBeUndefined()
    expect(compileCacheFolder({ environment: { XDG_CACHE_HOME: home }, ...other })).toBeUndefined()
    expect(readdirSync(home)).toEqual([])
  })

  test.each([
    ['others may write to the folder', 'slipway/compiled', 0o722],
    ['others may read the folder', 'slipway/compiled', 0o755],
    ['a group may write to the folder above it', 'slipway', 0o770],
    ['others may write to the cache', '.', 0o777],
  ])('where %s', (_, folder, mode) => {
    const home = homeOf()
    mkdirSync(made(home), { recursive: true, mode: 0o700 })
    chmodSync(join(home, '.cache', folder), mode)
    expect(folderFor({ HOME: home })).toBeUndefined()
  })

  it('where a file has its name', () => {
    const home = homeOf()
    mkdirSync(join(home, '.cache/slipway'), { recursive: true })
    writeFileSync(made(home), '')
    expect(folderFor({ HOME: home })).toBeUndefined()
  })
})
