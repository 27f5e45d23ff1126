import { posix } from 'node:path'
import { noEntrypoint } from './errors.ts'
import type { PackageFile } from './schema.ts'

/** Options of node that take their value as the next argument. */
const valued = new Set(['-r', '--require', '--import', '--loader', '--experimental-loader', '-C', '--conditions', '--input-type'])

/**
 * The arguments with which node starts a project: those of `scripts.start` when it is a plain `node …`, else `main`, else
 * npm's own default `server.js`, else node's, `index.js`. `has` says whether a file goes into the image.
 * @throws SW-BUILD-NO-ENTRYPOINT
 */
export function startOf(project: PackageFile, has: (path: string) => boolean): readonly string[] {
  const script = project.scripts['start']
  if (script !== undefined) return startOfScript(script, project, has)
  if (project.main !== undefined) return [required(project.main, '`main`', has)]
  const usual = ['server.js', 'index.js'].find(has)
  if (usual !== undefined) return [usual]
  throw noEntrypoint('package.json has neither scripts.start nor main, and there is no server.js or index.js.', { hint: setEntrypoint })
}

const setEntrypoint = 'Set what to start: entrypoint: ["node", "dist/server.js"]'

function startOfScript(script: string, project: PackageFile, has: (path: string) => boolean): readonly string[] {
  const words = script.trim().split(/\s+/)
  // Anything that a shell would look at twice: it cannot be told from here what would run.
  if (words[0] !== 'node' || /["'`$&|;<>()*?~\\{}#!]/.test(script)) {
    throw noEntrypoint(`scripts.start is ${JSON.stringify(script)}, which is no plain "node file.js": no shell runs in the image.`, {
      hint: setEntrypoint,
    })
  }
  const file = fileAmong(words.slice(1))
  if (file === undefined) throw noEntrypoint(`scripts.start is ${JSON.stringify(script)}, which names no file.`, { hint: setEntrypoint })
  required(posix.normalize(file) === '.' ? (project.main ?? 'index.js') : file, 'scripts.start', has)
  return words.slice(1)
}

function fileAmong(words: readonly string[]): string | undefined {
  return words.find((word, index) => !word.startsWith('-') && !valued.has(words[index - 1] ?? ''))
}

/** Node finds `lib` as lib.js or lib/index.js too. */
function required(file: string, named: string, has: (path: string) => boolean): string {
  const path = posix.normalize(file)
  if ([path, `${path}.js`, posix.join(path, 'index.js')].some(has)) return file
  throw noEntrypoint(`${named} of package.json names ${file}, which is not among the files of the image.`, {
    hint: `Build the project before the image, or take ${file} back in .dockerignore with !${file}`,
  })
}
