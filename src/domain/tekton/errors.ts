import { defineError } from '../../base/errors.ts'

export const resourceInvalid = defineError({
  code: 'SW-TEKTON-RESOURCE',
  fault: 'input',
  title: 'A text is not one Task, StepAction or Pipeline.',
  causes: [
    'The file is no YAML, or holds several documents or none.',
    'It is another kind of resource, or one of an API version that Tekton no longer stores.',
    'The resource has no name, or one that Kubernetes would refuse.',
  ],
  fix: 'Give one resource a file, with apiVersion, kind, metadata.name and spec; `kubectl apply --dry-run=server -f FILE` says what Tekton makes of it.',
})

export const bundleRefused = defineError({
  code: 'SW-BUNDLE-REFUSED',
  fault: 'input',
  title: 'The resources cannot be one Tekton bundle.',
  causes: [
    'There are more than 20 of them, which Tekton refuses to read.',
    'Two have the same kind and name, of which Tekton would find only one.',
  ],
  fix: 'Write several bundles; a name can be there once for each kind.',
})

export const imageUnpinned = defineError({
  code: 'SW-BUNDLE-IMAGE-UNPINNED',
  fault: 'input',
  title: 'A resource of a bundle runs an image that is not pinned.',
  causes: [
    'The image has no digest, so that what the bundle runs could change without the bundle.',
    'It has no tag, so that nobody can tell its version.',
  ],
  fix: 'Write the image as registry/repository:tag@sha256:…, or let a parameter without a default name it.',
})
