import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { dirname } from 'node:path'

/** What `runAsUser: 65532` and `readOnlyRootFilesystem: true` are on this machine. */
export interface Sandbox {
  /** 65532, or who runs the tests where that cannot be changed. */
  readonly user: number
  readonly readOnlyRoot: boolean
  /** The same program, inside. */
  wrap(argv: readonly string[]): readonly string[]
  /** Lets the user write into a folder, as `fsGroup` does with a volume. */
  share(folder: string): void
}

const user = 65532

/** Binds each writable folder to itself, so that it stays as it is when all around it is made read-only. */
const script = [
  'set -e; here=$(pwd -P)',
  'while [ "$1" != -- ]; do mount --bind "$1" "$1"; shift; done; shift',
  'mount --rbind /tmp /tmp',
  'mount -o remount,bind,ro /tmp',
  'mount -o remount,bind,ro /',
  // The folder entered before is the one below the mounts.
  'cd "$here"',
  `exec setpriv --reuid=${user} --regid=${user} --clear-groups --no-new-privs --inh-caps=-all -- "$@"`,
].join('\n')

/**
 * A restricted container's view of the file system, as near as it comes without an image: root changes user and mounts
 * everything but `writable` read-only, in a mount namespace of its own. Without root, or where the program lies in a folder
 * that others may not enter, nothing is changed, and the result says so. Not modelled: the image's own files, volumes at
 * `/tekton` and `/workspace` (their paths are replaced), cgroups, seccomp, network policy.
 */
export function createSandbox(program: string, writable: readonly string[]): Sandbox {
  const possible = process.getuid?.() === 0 && othersMayEnter(program) && canUnshare()
  if (!possible) return { user: process.getuid?.() ?? -1, readOnlyRoot: false, wrap: (argv) => argv, share: () => undefined }
  return {
    user,
    readOnlyRoot: true,
    wrap: (argv) => ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...writable, '--', ...argv],
    share(folder) {
      execFileSync('chgrp', ['-R', String(user), folder])
      execFileSync('chmod', ['-R', 'g+rwX', folder])
    },
  }
}

function othersMayEnter(program: string): boolean {
  for (let path = program; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false
    if (path === '/') return true
  }
}

function canUnshare(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
