import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, test } from '@jest/globals'
import { findFiles } from './find-files.ts'

const root = join(mkdtempSync(join(tmpdir(), 'slipway-test-')), 'with [brackets] and blanks')
const files = [
  'junit.xml',
  'reports/a.xml',
  'reports/deep/b.xml',
  'reports/c.txt',
  'shop/target/surefire-reports/TEST-a.xml',
  'node_modules/x/reports/TEST-a.xml',
  '.hidden/TEST-a.xml',
  '.slipway/reports/tests/1/node-1.xml',
]
for (const file of files) {
  mkdirSync(join(root, dirname(file)), { recursive: true })
  writeFileSync(join(root, file), '')
}
symlinkSync('.', join(root, 'reports/loop'))

const found = async (...globs: string[]): Promise<string[]> => (await findFiles(root, globs)).map(({ path }) => relative(root, path))

test.each([
  [['junit.xml'], ['junit.xml']],
  [['./junit.xml'], ['junit.xml']],
  [['reports/*.xml'], ['reports/a.xml']],
  [['reports/**/*.xml'], ['reports/a.xml', 'reports/deep/b.xml']],
  [['{reports,other}/a.{xml,json}'], ['reports/a.xml']],
  [['**/TEST-*.xml'], ['shop/target/surefire-reports/TEST-a.xml']],
  [['node_modules/**/TEST-*.xml'], ['node_modules/x/reports/TEST-a.xml']],
  [['.slipway/reports/**/*.xml'], ['.slipway/reports/tests/1/node-1.xml']],
  [['reports/*.xml', 'reports/a.xml', '**/a.xml'], ['reports/a.xml']],
  [[join(root, 'reports/*.xml')], ['reports/a.xml']],
  [[join(root, 'junit.xml')], ['junit.xml']],
  [['nothing/*.xml', 'missing.xml', 'reports', 'junit.xml/*.xml'], []],
])('%j finds %j', async (globs, expected) => {
  expect(await found(...globs)).toEqual(expected)
})

test('a name that is not UTF-8 is told, as it may be that of a report', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-test-'))
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/report-`), Buffer.from([0xff]), Buffer.from('.xml')]), '')
  await expect(findFiles(folder, ['*.xml'])).rejects.toMatchObject({ code: 'SW-FILE-NAME' })
})

test('files come with the time of their last change', async () => {
  const [file] = await findFiles(root, ['junit.xml'])
  expect(Math.abs(Date.now() - (file?.modified ?? 0))).toBeLessThan(3_600_000)
})
