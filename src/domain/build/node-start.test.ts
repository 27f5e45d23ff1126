import { describe, expect, test } from '@jest/globals'
import { startOf } from './node-start.ts'

const project = (start: string | undefined, main?: string) => ({
  scripts: start === undefined ? {} : { start },
  dependencies: {},
  optionalDependencies: {},
  ...(main === undefined ? {} : { main }),
})
const files = new Set(['server.js', 'src/main.js', 'dist/index.js', 'lib/index.js'])
const has = (path: string): boolean => files.has(path)

describe('how node starts a project', () => {
  test.each([
    ['scripts.start', project('node src/main.js'), ['src/main.js']],
    ['scripts.start before main', project('node src/main.js', 'dist/index.js'), ['src/main.js']],
    [
      'with options',
      project('  node --enable-source-maps  --max-old-space-size=200 ./src/main.js --port 80 '),
      ['--enable-source-maps', '--max-old-space-size=200', './src/main.js', '--port', '80'],
    ],
    [
      'with an option whose value is no file of the project',
      project('node -r dotenv/config --import ./hooks.mjs server.js'),
      ['-r', 'dotenv/config', '--import', './hooks.mjs', 'server.js'],
    ],
    ['node . is main', project('node .', 'src/main.js'), ['.']],
    ['main', project(undefined, './src/main.js'), ['./src/main.js']],
    ['main without its ending', project(undefined, 'src/main'), ['src/main']],
    ['main that is a folder', project(undefined, 'lib'), ['lib']],
    ["npm's own default", project(undefined), ['server.js']],
  ])('%s', (_, given, expected) => expect(startOf(given, has)).toEqual(expected))

  test.each([
    ['another program', project('next start'), 'no plain "node file.js"'],
    ['a variable in front', project('PORT=80 node server.js'), 'no plain'],
    ['two commands', project('node a.js && node b.js'), 'no plain'],
    ['a variable', project('node $FILE'), 'no plain'],
    ['quotes', project('node "server.js"'), 'no plain'],
    ['a script that needs a shell, though there is a main', project('tsx src/main.ts', 'server.js'), 'no plain'],
    ['no file', project('node --interactive'), 'names no file'],
    ['a file that does not go into the image', project('node dist/server.js'), 'dist/server.js, which is not among'],
    ['a main that does not', project(undefined, 'build/x.js'), 'build/x.js, which is not among'],
  ])('%s cannot be told', (_, given, why) => {
    expect(() => startOf(given, has)).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-NO-ENTRYPOINT', message: expect.stringContaining(why) }),
    )
  })

  test('nothing at all', () => {
    expect(() => startOf(project(undefined), () => false)).toThrow(
      expect.objectContaining({ code: 'SW-BUILD-NO-ENTRYPOINT', hint: expect.stringContaining('entrypoint:') }),
    )
  })
})
