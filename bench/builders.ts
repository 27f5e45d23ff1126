import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Command, prepare } from './measure.ts'

/** Something that makes an image of a folder and pushes it. */
export interface Builder {
  readonly name: string
  /** Processes that work for it besides the ones it starts. */
  readonly daemons?: readonly string[]
  /** Forgets everything that an earlier build left. */
  reset(): Promise<void>
  /** What a user runs, again and again with the same arguments. */
  commands(reference: string): readonly Command[]
}

interface Place {
  /** The folder that becomes a layer. */
  readonly context: string
  /** For state of builders. */
  readonly work: string
}

const program = join(dirname(import.meta.dirname), 'dist', 'slipway', 'index.js')

/** Our own command, as it is released. */
export function slipway(cwd: string, ...argv: string[]): Command {
  return { argv: [process.execPath, program, ...argv, '--quiet'], cwd, env: { SLIPWAY_HOST: 'local' } }
}

/** Everything here builds one layer of the whole folder on nothing, and pushes it over plain http to loopback. */
export function builders({ context, work }: Place): readonly Builder[] {
  const dockerfile = join(work, 'Dockerfile')
  mkdirSync(work, { recursive: true })
  writeFileSync(dockerfile, 'FROM scratch\nCOPY . /app\nCMD ["/app/src/server.js"]\n')
  return [
    ours('slipway, gzip', { context, work, build: ['--compression', 'gzip'] }),
    ours('slipway, zstd', { context, work, build: ['--compression', 'zstd'] }),
    ours('slipway, gzip, plan node', { context, work, build: ['--plan', 'node', '--base', 'scratch'] }),
    crane({ context, work }),
    buildah({ context, work }, dockerfile),
    ...(process.env['DOCKER_HOST'] !== undefined ? [buildx(context, dockerfile), docker(context, dockerfile)] : []),
  ]
}

function ours(name: string, { context, work, build }: Place & { build: readonly string[] }): Builder {
  const folder = join(work, name.replaceAll(/\W+/g, '-'))
  const oneLayer = build.includes('--plan') ? [] : ['--plan', 'folder', '--layers', '.:/app', '--base', 'scratch']
  return {
    name,
    reset: async () => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
    },
    commands: (reference) => {
      const [image = '', tag = ''] = split(reference)
      const inputs = flags('build', ['--context', context, '--entrypoint', '["/app/src/server.js"]', ...oneLayer, ...build])
      return [slipway(folder, 'run', '--file', roadOf(folder), ...inputs, ...flags('push', ['--image', image, '--tags', tag]))]
    },
  }
}

/** A road of two tasks, in the folder it belongs to. */
function roadOf(folder: string): string {
  const file = join(folder, 'slipway.yaml')
  writeFileSync(file, 'tasks: [build, push]\n')
  return file
}

function flags(task: string, argv: readonly string[]): string[] {
  return argv.map((word, index) => (index % 2 === 0 ? word.replace('--', `--${task}.`) : word))
}

function crane({ context, work }: Place): Builder {
  const tar = join(work, 'crane.tar')
  return {
    name: 'tar, crane append',
    reset: async () => rmSync(tar, { force: true }),
    commands: (reference) => [
      { argv: ['tar', '--create', '--file', tar, '--directory', dirname(context), basename(context)] },
      { argv: ['crane', 'append', '--insecure', '--new_layer', tar, '--new_tag', reference] },
    ],
  }
}

function buildah({ context, work }: Place, dockerfile: string): Builder {
  const store = ['--root', join(work, 'buildah'), '--runroot', join(work, 'buildah-run'), '--storage-driver', 'vfs']
  return {
    name: 'buildah build, push',
    reset: async () => rmSync(join(work, 'buildah'), { recursive: true, force: true }),
    commands: (reference) => [
      { argv: ['buildah', ...store, 'build', '--layers', '--quiet', '--file', dockerfile, '--tag', 'bench', context] },
      { argv: ['buildah', ...store, 'push', '--quiet', '--tls-verify=false', 'bench', `docker://${reference}`] },
    ],
  }
}

const dockerDaemons = ['dockerd', 'containerd']

function buildx(context: string, dockerfile: string): Builder {
  return {
    name: 'docker buildx build --push',
    daemons: dockerDaemons,
    reset: resetDocker,
    commands: (reference) => [
      { argv: ['docker', 'buildx', 'build', '--quiet', '--file', dockerfile, '--tag', reference, '--push', context] },
    ],
  }
}

function docker(context: string, dockerfile: string): Builder {
  return {
    name: 'docker build, push',
    daemons: dockerDaemons,
    reset: resetDocker,
    commands: (reference) => [
      { argv: ['docker', 'build', '--quiet', '--file', dockerfile, '--tag', reference, context] },
      { argv: ['docker', 'push', '--quiet', reference] },
    ],
  }
}

async function resetDocker(): Promise<void> {
  await prepare({ argv: ['docker', 'system', 'prune', '--all', '--force', '--volumes'] })
  await prepare({ argv: ['docker', 'builder', 'prune', '--all', '--force'] })
}

function split(reference: string): readonly string[] {
  const colon = reference.lastIndexOf(':')
  return [reference.slice(0, colon), reference.slice(colon + 1)]
}
