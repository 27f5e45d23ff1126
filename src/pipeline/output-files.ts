import { dirname, join } from 'node:path'
import { ensureFolder, resolveInside, writeAtomic } from '../io/files.ts'
import type { Outcome } from '../spec/execute.ts'
import { outputPath } from '../spec/output.ts'
import { ensureState } from './record-file.ts'

/** Keeps the texts of a task's outputs that are files in the workspace. @throws SW-STATE-FOLDER, SW-PATH-OUTSIDE */
export async function writeOutputFiles(task: string, { files = new Map() }: Outcome, workspace: string): Promise<void> {
  if (files.size === 0) return
  const state = join(workspace, '.slipway')
  await ensureState(state)
  const written = await Promise.allSettled(
    [...files].map(async ([output, text]) => {
      const path = await resolveInside(state, join(workspace, outputPath(task, output)))
      await ensureFolder(dirname(path))
      await writeAtomic(path, text, { mode: 0o644 })
    }),
  )
  for (const one of written) if (one.status === 'rejected') throw one.reason
}
