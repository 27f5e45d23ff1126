import { mkdirSync, mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from '../spec/ports.ts'
import { removeTreeSync } from './file-write.ts'
import { accessingSync } from './system-errors.ts'

/** Private folders (mode 0700) under one root, all removed together. */
export class TemporaryFolders {
  readonly #root: string
  readonly #made = new Set<string>()

  constructor(root: string) {
    this.#root = root
  }

  /** Makes a folder whose name begins with the prefix; the root is made when it is missing. */
  make(prefix: string): string {
    return accessingSync('write', this.#root, () => {
      mkdirSync(this.#root, { recursive: true })
      const folder = mkdtempSync(join(this.#root, `${prefix}-`))
      this.#made.add(folder)
      return folder
    })
  }

  /** Removes every folder made so far. Synchronous, so that a signal handler can call it; what cannot be removed is returned. */
  removeAll(): string[] {
    const left: string[] = []
    for (const folder of this.#made) {
      try {
        removeTreeSync(folder)
        this.#made.delete(folder)
      } catch {
        left.push(folder)
      }
    }
    return left
  }
}

/** The `Places` port over a workspace, a state folder and temporary folders. */
export function createPlaces(options: {
  readonly workspace: string
  readonly state: string
  readonly temporary: TemporaryFolders
}): Places {
  return {
    workspace: options.workspace,
    state: options.state,
    temporary: async (prefix) => options.temporary.make(prefix),
  }
}
