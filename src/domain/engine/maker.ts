import { resolve } from 'node:path'
import { readText } from '../../io/files.ts'
import { dockerfileFailed, engineInput } from './errors.ts'

/**
 * Reads how the program that makes the image has ended: a number, or the path of a file (relative to the workspace) that holds one.
 * @throws SW-DOCKERFILE-FAILED when it failed, SW-ENGINE-INPUT when that is no exit code
 */
export async function requireSuccess(given: string, workspace: string): Promise<void> {
  const text = (/^\s*\d+\s*$/.test(given) ? given : await readText(resolve(workspace, given.trim()), 1024)).trim()
  if (!/^\d{1,3}$/.test(text)) {
    throw engineInput(`exit-code ${JSON.stringify(given)} gives ${JSON.stringify(text.slice(0, 40))}, expected a number from 0 to 255.`, {
      hint: 'On Tekton: $(steps.step-run.exitCode.path), and `onError: continue` for that step.',
    })
  }
  if (Number(text) === 0) return
  throw dockerfileFailed(`The program that builds the image ended with exit code ${text}.`, {
    hint: 'What it said is in the log of its own step.',
    safe: 'no image was taken into the layout',
  })
}
