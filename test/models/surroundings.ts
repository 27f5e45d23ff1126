import type { Environment, Surroundings } from '../../src/host/process-environment.ts'
import { newFolder } from './folders.ts'

export interface FakeSurroundings extends Surroundings {
  /** A new folder, also the working folder unless another is given. */
  readonly folder: string
  stdout(): string
  stderr(): string
  /** Ends the process, as far as anybody can tell. */
  exit(): void
}

/** A process around a host under test: its variables and arguments as given, its output kept. */
export function fakeSurroundings(
  given: Partial<Omit<Surroundings, 'environment'>> & { readonly environment?: Environment } = {},
): FakeSurroundings {
  const folder = newFolder()
  const written = { stdout: '', stderr: '' }
  const atExit: (() => void)[] = []
  return {
    environment: {},
    argv: [],
    workingFolder: folder,
    temporary: folder,
    terminal: false,
    write: (text, stream) => {
      written[stream] += text
    },
    now: () => Date.parse('2026-11-21T12:00:00Z'),
    onExit: (action) => void atExit.push(action),
    ...given,
    folder,
    stdout: () => written.stdout,
    stderr: () => written.stderr,
    exit: () => {
      for (const action of atExit.splice(0)) action()
    },
  }
}
