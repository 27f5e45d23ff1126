import { defineError } from '../../base/errors.ts'

export const engineMissing = defineError({
  code: 'SW-ENGINE-MISSING',
  fault: 'environment',
  title: 'The program that would build the Dockerfile is not there, or does not answer.',
  causes: [
    'Neither Docker with buildx nor buildah is installed here.',
    'The Docker engine is not running, or DOCKER_HOST names another.',
    'The builder that BUILDX_BUILDER names does not exist.',
  ],
  fix: 'Install buildah (apt-get install buildah), or start Docker and see that `docker buildx inspect` answers; a build from files alone needs neither: `engine: native`.',
})

export const engineUnfit = defineError({
  code: 'SW-ENGINE-UNFIT',
  fault: 'environment',
  title: 'The engine is there, but cannot do on this machine what is asked of it.',
  causes: [
    'buildah may not make user namespaces here: a container without the rights for it.',
    'buildah cannot use its storage: overlay on overlay.',
    'The builder of Docker has no exporter for OCI layouts, attestations or several platforms.',
  ],
  fix: 'Do what the message says: another builder (docker buildx create --use), STORAGE_DRIVER=vfs, or the security context of docs/guides/dockerfile.md.',
})

export const engineInput = defineError({
  code: 'SW-ENGINE-INPUT',
  fault: 'input',
  title: 'An input is set that the engine does not know.',
  causes: [
    'What a Dockerfile says itself (base, entrypoint, user and so on) is given as an input too.',
    'The context has a Dockerfile, so `auto` chose an engine that builds it, and the inputs are those of a native build.',
  ],
  fix: 'Remove the input, or set `engine` to the one that has it: native for base, plan, layers, entrypoint and so on.',
})

export const dockerfileMissing = defineError({
  code: 'SW-DOCKERFILE-MISSING',
  fault: 'input',
  title: 'The Dockerfile does not exist, or is none.',
  causes: ['`file` is relative to another folder than the workspace.', 'The engine was chosen for a context without a Dockerfile.'],
  fix: 'Set `file` to the Dockerfile, relative to the workspace, or leave `engine` out to build from the files alone.',
})

export const dockerfileFailed = defineError({
  code: 'SW-DOCKERFILE-FAILED',
  fault: 'tool',
  title: 'The build of the Dockerfile failed.',
  causes: [
    'A command of a RUN instruction failed; the log above the error has its output.',
    'A base image is not there, or may not be read with the credentials of this machine.',
    'A file that COPY names is not in the context, or .dockerignore leaves it out.',
  ],
  fix: 'Read the last lines of the engine in the log; correct the instruction that they name.',
})

export const engineTimeout = defineError({
  code: 'SW-ENGINE-TIMEOUT',
  fault: 'tool',
  title: 'The build of the Dockerfile took longer than `timeout` allows.',
  causes: ['A command waits for an answer or for the network.', 'The cache that the build relied on was empty.'],
  fix: 'Raise `timeout`, or give the build a cache with `cache-from` and `cache-to`.',
})

export const engineResult = defineError({
  code: 'SW-ENGINE-RESULT',
  fault: 'tool',
  title: 'What an engine has made is not what was asked for, or not what the engine says it is.',
  causes: [
    'The version of the engine is not known to work with Slipway.',
    'Another process wrote to the same place.',
    'The base image has another platform.',
  ],
  fix: 'Build again; if it comes back, use the other engine and report the version that the message names.',
})

export const buildSecret = defineError({
  code: 'SW-BUILD-SECRET',
  fault: 'input',
  title: 'A secret for the build cannot be used.',
  causes: ['`secrets` is not lines of id=value, nor a JSON object.', 'A file of `secret-files` does not exist, or is larger than 500 KiB.'],
  fix: 'Write `secrets` as id=value, one a line, or as a JSON object where a value has several lines; give files with `secret-files: id=path`.',
})

/** Every error that building from a Dockerfile, or taking an image from another program, may throw of its own. */
export const engineErrors = [
  engineMissing,
  engineUnfit,
  engineInput,
  dockerfileMissing,
  dockerfileFailed,
  engineTimeout,
  engineResult,
  buildSecret,
]
