import { defineError } from '../../base/errors.ts'

export const registryFolder = defineError({
  code: 'SW-REGISTRY-FOLDER',
  fault: 'input',
  title: 'The folder given to a registry holds something else.',
  causes: ['The path is misspelt, or names a folder that is used for other things.', 'It is the storage of another kind of registry.'],
  fix: 'Give an empty or new folder; what a registry of ours has written is known by its file `slipway-registry.json`.',
})

export const faultFileInvalid = defineError({
  code: 'SW-FAULT-FILE',
  fault: 'input',
  title: 'The fault file of a registry cannot be used.',
  causes: [
    'A rule has a name or a value that there is not.',
    'An action is given a phase in which it cannot happen.',
    'The file is no YAML or JSON.',
  ],
  fix: 'Correct the places named; `docs/guides/fault-registry.md` has every field, `schemas/faults.schema.json` lets an editor complete and check them, and `examples/faults.yaml` works.',
})
