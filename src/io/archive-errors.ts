import { defineError } from '../base/errors.ts'

export const tarMalformed = defineError({
  code: 'SW-TAR-MALFORMED',
  fault: 'input',
  title: 'A tar archive is damaged or breaks its format.',
  causes: ['The archive was cut or altered.', 'It is compressed in a way that was not announced.'],
  fix: 'Make the archive again; `tar tvf FILE` shows where it breaks.',
})

export const tarUnsupported = defineError({
  code: 'SW-TAR-UNSUPPORTED',
  fault: 'input',
  title: 'A tar archive uses a feature that image layers do not have.',
  causes: ['The archive has sparse files or a vendor’s extension.', 'A path or a value cannot be written in the format.'],
  fix: 'Make the archive without it: `tar --format=pax`, without `--sparse`.',
})

export const tarLimit = defineError({
  code: 'SW-TAR-LIMIT',
  fault: 'input',
  title: 'A tar archive is larger than what is read.',
  causes: ['It has too many entries, too long paths or too much data.', 'It is made to exhaust the reader.'],
  fix: 'Check where the archive comes from.',
})

export const compressedMalformed = defineError({
  code: 'SW-COMPRESSED-MALFORMED',
  fault: 'input',
  title: 'Compressed data is damaged, cut or of another format.',
  causes: ['The transfer or the disk damaged it.', 'Its media type names another compression.'],
  fix: 'Fetch or make it again; `gzip -t FILE` or `zstd -t FILE` checks it.',
})

export const compressedLimit = defineError({
  code: 'SW-COMPRESSED-LIMIT',
  fault: 'input',
  title: 'Compressed data unpacks to more than is accepted.',
  causes: ['It is made to exhaust the reader (a decompression bomb).', 'It is truly that large.'],
  fix: 'Check where the data comes from.',
})

export const threadFailed = defineError({
  code: 'SW-THREAD-FAILED',
  fault: 'environment',
  title: 'A thread that compresses or hashes ended early, or there is no memory to compress in.',
  causes: ['There is no memory left.'],
  fix: 'Raise the limit of memory of this step.',
})

export const zipMalformed = defineError({
  code: 'SW-ZIP-MALFORMED',
  fault: 'input',
  title: 'A zip archive (a jar) is damaged, or has entries that are not safe to unpack.',
  causes: [
    'The archive was cut or altered.',
    'It has a path that leads out of the archive, a symbolic link, an encrypted entry, or the same path twice.',
  ],
  fix: 'Make the archive again; `unzip -lv FILE` lists what it has.',
})

export const zipLimit = defineError({
  code: 'SW-ZIP-LIMIT',
  fault: 'input',
  title: 'A zip archive (a jar) is larger than what is read.',
  causes: ['It has too many entries or too much data.', 'It is made to exhaust the reader (a decompression bomb).'],
  fix: 'Check where the archive comes from.',
})
