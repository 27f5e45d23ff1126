import { defineError } from '../../../../base/errors.ts'

export const tufRefused = defineError({
  code: 'SW-TUF-REFUSED',
  fault: 'policy',
  title: 'What a TUF repository gives does not hold: nothing of it is trusted.',
  causes: [
    'The mirror was changed by somebody who has not the keys, or it shows an older state than was seen before.',
    'Its files are of two states: a copy was made while the original changed.',
    'The root that was given is of another repository.',
  ],
  fix: 'Compare the mirror with its original. Give `tuf-root` the root.json that belongs to `tuf-url`.',
})

export const tufExpired = defineError({
  code: 'SW-TUF-EXPIRED',
  fault: 'policy',
  title: 'What a TUF repository gives has expired: it may hide that keys were withdrawn.',
  causes: ['The mirror is no longer brought up to date.', 'The clock of this machine is wrong.'],
  fix: 'Bring the mirror up to date. To verify by what was known then, set `offline`, or give `trusted-root`.',
})

export const tufUnavailable = defineError({
  code: 'SW-TUF-UNAVAILABLE',
  fault: 'remote',
  title: 'A TUF repository cannot be read, and nothing that is valid now was kept of it.',
  causes: ['The network does not let it through.', 'The repository, or a proxy before it, is down.'],
  fix: 'Let the host of the repository through, set `tuf-url` to a mirror, set `offline`, or give `trusted-root`.',
})

export const tufErrors = [tufRefused, tufExpired, tufUnavailable]
