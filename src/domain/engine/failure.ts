import type { TaskError } from '../../base/errors.ts'
import { diskFull } from '../../io/errors.ts'
import type { ProcessResult } from '../../spec/ports.ts'
import { dockerfileFailed, engineMissing, engineUnfit } from './errors.ts'

type Make = (words: string) => TaskError

/** The first that fits what the engine said last decides; anything else is a fault of the Dockerfile. */
const causes: readonly (readonly [RegExp, Make])[] = [
  [/no space left on device|disk quota exceeded/i, (words) => diskFull(words)],
  [
    /cannot clone|user namespaces? (?:are|is) not|newuidmap|CLONE_NEWUSER|unshare.*operation not permitted|insufficient UIDs/i,
    (words) => engineUnfit(words, { hint: 'Allow user namespaces to this container: docs/guides/dockerfile.md has the security context.' }),
  ],
  [
    /overlay.*(?:not supported|invalid argument|permission denied|operation not permitted)|kernel does not support overlay/i,
    (words) => engineUnfit(words, { hint: 'Set STORAGE_DRIVER=vfs, or give buildah a volume for /var/lib/containers.' }),
  ],
  [
    /cannot connect to the docker daemon|is the docker daemon running/i,
    (words) => engineMissing(words, { hint: 'Start Docker, or set DOCKER_HOST to where it runs: docker info' }),
  ],
  [
    /(?:exporter|attestations?|cache export|multiple platforms|multi-platform).* (?:not supported|is not|feature)/i,
    (words) => engineUnfit(words, { hint: 'Use a builder that can: docker buildx create --use --driver docker-container' }),
  ],
  [
    /HTTP response to HTTPS client/,
    (words) =>
      dockerfileFailed(words, {
        hint: 'The registry speaks plain HTTP: allow that to the engine (buildah: insecure = true in registries.conf; Docker: insecure-registries).',
      }),
  ],
  [
    /unauthorized|authentication required|denied|\b40[13]\b/i,
    (words) =>
      dockerfileFailed(words, { hint: 'Log in to the registry of the base image first: docker login REGISTRY, or buildah login REGISTRY' }),
  ],
]

/** What a failed engine means: told from its last words. */
export function failureOf(name: string, result: ProcessResult): TaskError {
  const words = lastWords(result)
  const message = `${name} ended with ${result.code === null ? `signal ${result.signal}` : `exit code ${result.code}`}: ${words}`
  return causes.find(([pattern]) => pattern.test(words))?.[1](message) ?? dockerfileFailed(message)
}

/** The last line of what a program that failed said, preferably one that calls itself an error. */
export function lastWords({ stdout, stderr, code, signal }: Pick<ProcessResult, 'stdout' | 'stderr' | 'code' | 'signal'>): string {
  const lines = [...stdout.split('\n'), ...stderr.split('\n')].map((line) => line.trim()).filter((line) => line !== '')
  const telling = lines.findLast((line) => /^(?:error|fatal|docker)\b/i.test(line)) ?? lines.at(-1)
  return (telling ?? `nothing, and ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`).slice(0, 600)
}
