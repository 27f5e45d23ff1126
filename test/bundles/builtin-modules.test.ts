import { expect, it, test } from '@jest/globals'
import { builtinModules } from '../../scripts/builtin-modules.ts'

const asked = (name: string): string => `export const modules={7:(module=>{module.exports=createRequire(import.meta.url)("${name}")})};\n`

/** What a module of the bundle has become. */
async function exportsOf(name: string): Promise<Record<string, unknown>> {
  const [, written = ''] = /module\.exports=(.*)\}\)\};/.exec(await builtinModules(asked(name))) ?? []
  return new Function(`return ${written.replaceAll('import.meta.url', 'undefined')}`)() as Record<string, unknown>
}

test.each(['node:fs', 'node:crypto', 'crypto', 'util'])('%s is the module of Node itself', async (name) => {
  expect(await exportsOf(name)).toBe(process.getBuiltinModule(name))
})

it('what not every run uses is loaded when something of it is', async () => {
  const code = await builtinModules(asked('node:worker_threads'))
  expect(code).toBe(
    'export const modules={7:(module=>{module.exports=new Proxy({},{get:(_,name)=>(process.getBuiltinModule??createRequire(import.meta.url))("node:worker_threads")[name],ownKeys:()=>Reflect.ownKeys((process.getBuiltinModule??createRequire(import.meta.url))("node:worker_threads"))})})};\n',
  )
  expect((await exportsOf('node:worker_threads'))['Worker']).toBe(process.getBuiltinModule('node:worker_threads').Worker)
})

it('what not every run uses has names, by which import() makes a namespace of it', async () => {
  expect(Object.getOwnPropertyNames(await exportsOf('node:sqlite'))).toContain('DatabaseSync')
})

it('other calls stay as they are', async () => {
  const code = 'const url=import.meta.url;const written=`createRequire(import.meta.url)("node:fs")`;const other=make(url)("node:fs");\n'
  expect(await builtinModules(code)).toBe(code)
})
