import { defineError } from '../../base/errors.ts'

export const registryFolder = defineError({
  code: 'SW-REGISTRY-FOLDER',
  fault: 'input',
  title: 'The folder given to a registry holds something else.',
  causes: ['The path is misspelt, or names a folder that is used for other things.', 'It is the storage of another kind of registry.'],
  fix: 'Give an empty or new folder; what a registry of ours has written is known by its file `slipway-registry.json`.',
})
