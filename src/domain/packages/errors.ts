import { defineError } from '../../base/errors.ts'

export const layerUnreadable = defineError({
  code: 'SW-PACKAGES-LAYER',
  fault: 'input',
  title: 'A layer of the image cannot be looked through for packages.',
  causes: [
    'It is not in the layout, and no repository is known that has it (foreign layers of Windows images).',
    'It has more files than are looked through.',
  ],
  fix: 'Copy the image with all its layers into the layout, or check where it comes from.',
})

export const noImage = defineError({
  code: 'SW-PACKAGES-NO-IMAGE',
  fault: 'input',
  title: 'What the layout has is no image that could be looked through.',
  causes: ['The digest is that of an artifact: a chart, a signature, an attestation.'],
  fix: 'Give the digest of an image or of an image index.',
})

/** What a task that looks through images may meet besides the errors of layouts. */
export const packagesErrors = [layerUnreadable, noImage] as const
