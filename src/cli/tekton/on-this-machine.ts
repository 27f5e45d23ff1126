import { join } from 'node:path'
import { exists } from '../../io/files.ts'
import { createProcesses } from '../../io/process.ts'
import { ProcessGroups } from '../../io/process-group.ts'
import type { Host } from '../../spec/host.ts'
import { usage } from '../errors.ts'
import type { Start } from './run.ts'

export interface OnThisMachine {
  readonly host: Host
  /** Where the bundle of a task is, as `<task>/index.js`. */
  readonly bundles: string
  readonly signal: AbortSignal
}

/**
 * Starts the containers of a Task as processes of this machine. They get the environment of the container and nothing else: what an
 * image would bring is its PATH, which is the one of this machine, and a home at the root, as for a user that no image knows.
 */
export function startOn({ host, bundles, signal }: OnThisMachine): { readonly start: Start; close(): void } {
  const groups = new ProcessGroups()
  const { log, redactor, environment, workspace } = host
  const processes = createProcesses({ environment: {}, workspace, signal, log, redactor, groups })
  const image = { PATH: environment['PATH'] ?? '', HOME: '/' }
  return {
    async start({ name, argv, environment: given, workingDir }) {
      host.write(`step ${name}\n`)
      const { code } = await processes.run({
        argv: await programOf(argv, bundles),
        cwd: workingDir || '/',
        env: { ...image, ...Object.fromEntries(given) },
        echo: true,
      })
      return code ?? 255
    },
    close: () => groups.kill(),
  }
}

/** The image's node and bundles are this process's node and the bundles beside it; any other program is found on PATH. */
async function programOf(argv: readonly string[], bundles: string): Promise<readonly string[]> {
  const [program, path = '', ...rest] = argv
  const task = /^\/opt\/slipway\/dist\/([^/]+)\/index\.js$/.exec(path)?.[1]
  if (program !== 'node' || task === undefined) return argv
  const bundle = join(bundles, task, 'index.js')
  if (await exists(bundle)) return [process.execPath, bundle, ...rest]
  throw usage(`${bundle} does not exist, expected the bundle of ${task}: --as tekton runs what the image runs`, {
    hint: 'use the slipway command of a release, or `npm run build` in a checkout',
  })
}
