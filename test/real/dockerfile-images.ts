import { copyFileSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { buildxPlugin } from './docker-engine.ts'
import { fill, temporaryFolder } from './folder.ts'
import { output } from './program.ts'
import { readRecord, slipway } from './task-image.ts'

/** The programs of busybox that examples/dockerfile calls. */
const applets = ['sh', 'cat', 'cut', 'httpd', 'rm', 'sed', 'sha256sum', 'sleep', 'touch']

/**
 * Pushes a base image for Dockerfiles: this machine's busybox, over plain HTTP.
 * @param image registry/repository
 * @returns it with its tag and digest
 */
export async function pushBusybox(image: string): Promise<string> {
  using folder = temporaryFolder('busybox')
  const files = { 'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n', 'etc/group': 'root:x:0:\n' }
  fill(folder.path, files)
  mkdirSync(join(folder.path, 'bin'))
  copyFileSync((await output(['which', 'busybox'])).trim(), join(folder.path, 'bin', 'busybox'))
  for (const applet of applets) symlinkSync('busybox', join(folder.path, 'bin', applet))
  await slipway(folder.path, 'build', '--plan', 'folder', '--workdir', '/', '--user', '0', '--allow-root', '--cmd', 'sh')
  await slipway(folder.path, 'push', '--image', image, '--tags', 'test', '--plain-http')
  return `${image}:test@${readRecord(folder.path).subject.digest}`
}

/**
 * Pushes an image that has this machine's buildah, and reaches a registry that speaks plain HTTP.
 * @param image registry/repository
 * @returns it with its tag and digest
 */
export async function pushBuildah(image: string): Promise<string> {
  using folder = temporaryFolder('buildah')
  fill(folder.path, {
    'etc/containers/policy.json': JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }),
    'etc/containers/registries.conf': plainRegistry(image),
    'var/tmp/.keep': '',
  })
  const layers = ['--layers', 'etc/containers:/etc/containers', '--layers', 'var/tmp:/var/tmp']
  await slipway(
    folder.path,
    'build',
    '--base',
    'node-runtime',
    '--programs',
    'buildah',
    ...layers,
    '--user',
    '0',
    '--allow-root',
    '--cmd',
    'buildah',
  )
  await slipway(folder.path, 'push', '--image', image, '--tags', 'test', '--plain-http')
  return `${image}:test@${readRecord(folder.path).subject.digest}`
}

/**
 * Pushes the image of our tasks with the client of Docker and buildx on top, as a user would make one for Tasks that build with them.
 * @param image registry/repository
 * @param base the image of our tasks
 * @returns it with its tag and digest
 */
export async function pushDockerClient(image: string, base: string): Promise<string> {
  using folder = temporaryFolder('docker-client')
  copyFileSync((await output(['which', 'docker'])).trim(), join(folder.path, 'docker'))
  copyFileSync(await buildxPlugin(), join(folder.path, 'docker-buildx'))
  const layers = ['--layers', 'docker:/usr/local/bin/docker', '--layers', 'docker-buildx:/usr/libexec/docker/cli-plugins/docker-buildx']
  await output(['crane', 'pull', '--insecure', '--format=oci', base, join(folder.path, 'base')])
  await slipway(folder.path, 'build', '--base', 'oci:base', ...layers)
  await slipway(folder.path, 'push', '--image', image, '--tags', 'test', '--plain-http')
  return `${image}:test@${readRecord(folder.path).subject.digest}`
}

/** Variables that give buildah a store of its own in a folder, and let it reach the registry of an image over plain HTTP. */
export function containersEnvironment(folder: string, image: string): Readonly<Record<string, string>> {
  const [storage, registries] = [join(folder, 'storage.conf'), join(folder, 'registries.conf')]
  const places = `graphroot = "${folder}/containers"\nrunroot = "${folder}/containers-run"`
  fill(folder, { 'storage.conf': `[storage]\ndriver = "overlay"\n${places}\n`, 'registries.conf': plainRegistry(image) })
  return { CONTAINERS_STORAGE_CONF: storage, CONTAINERS_REGISTRIES_CONF: registries }
}

/** The content of a registries.conf for a registry, named by an image of it, that speaks plain HTTP. */
function plainRegistry(image: string): string {
  return `unqualified-search-registries = []\n[[registry]]\nlocation = "${image.slice(0, image.indexOf('/'))}"\ninsecure = true\n`
}
