export type KnownRegistry = 'slipway' | 'distribution-2.8' | 'distribution-3'

const noReferrers = {
  'end-7 PUT names the subject in OCI-Subject': 'it has no referrers API',
  'end-12a GET is an index of descriptors with type, digest and size': 'it has no referrers API',
  'end-12a a descriptor has the artifact type and the annotations of its manifest': 'it has no referrers API',
  'end-12a the artifact type of a manifest without one is its configuration’s type': 'it has no referrers API',
  'end-12a an index refers as well, with its own artifact type': 'it has no referrers API',
  'end-12a nothing refers to a manifest that is not there: 200 and an empty list': 'it has no referrers API',
  'end-12a nothing refers to anything in a repository that nothing was pushed to: 200 and an empty index': 'it has no referrers API',
  'end-12a what came before its subject is listed': 'it has no referrers API',
  'end-12a GET with a digest that is none is 400': 'it has no referrers API',
  'end-12b GET with artifactType lists those only, and says so in OCI-Filters-Applied': 'it has no referrers API',
  'end-12b GET with an artifactType that nothing has is an empty list': 'it has no referrers API',
  'end-12a Link leads through all pages, where a list has several': 'it has no referrers API',
  'end-9 DELETE of what refers takes it from the list of referrers': 'it has no referrers API',
} as const

const noSha512Blobs = {
  'end-6 a blob pushed by POST and PUT has its sha512 digest in the answer, and is pulled by it': 'its answer names the sha256 digest',
  'end-6 a blob pushed by one POST has its sha512 digest in the answer, and is pulled by it': 'its answer names the sha256 digest',
  'end-6 a blob pushed by a stream has its sha512 digest in the answer, and is pulled by it': 'its answer names the sha256 digest',
  'end-6 a blob pushed by chunks has its sha512 digest in the answer, and is pulled by it': 'its answer names the sha256 digest',
  'end-6 a blob pushed by chunks, the last by PUT has its sha512 digest in the answer, and is pulled by it':
    'its answer names the sha256 digest',
  'end-6 a blob pushed by a mount has its sha512 digest in the answer, and is pulled by it': 'its answer names the sha256 digest',
} as const

/** Of both, as measured on 2.8.2 (Debian) and 3 (the lab). */
const distribution = {
  ...noReferrers,
  ...noSha512Blobs,
  'end-4b POST with digest and body is done at once': 'it answers 202 and throws the body away, as it may',
  'end-7 PUT by sha512 is 201, and it is read by it (development version)': 'manifests have sha256 digests only',
  'end-7 PUT of a manifest beyond the limit is 413': 'it answers 400',
  'end-5 PATCH with a content-range that is no range is 416': 'it takes it, or answers 500',
  'end-6 PUT of a last chunk out of order is 416, and the upload goes on': 'it appends whatever comes',
  'end-7 PUT under a digest that is none is 400, and GET of it 400 or 404': 'it answers 500',
  'end-7 PUT of layers that are not distributed is 201, and it is read as it was written':
    'it answers 500 unless its configuration allows the URLs',
  'end-7 PUT by a sha512 digest with tag parameters moves them to it': 'it does not know the parameter',
  'end-7 PUT by digest with tag parameters moves them all and names them in OCI-Tag': 'it does not know the parameter',
  'end-3 what the client does not accept is not converted: the digest stays': 'without the type in accept it answers 404',
} as const

/** What real registries are known not to keep, by the name of the requirement, with the reason. Ours keeps everything. */
export const knownDeviations: Readonly<Record<KnownRegistry, Readonly<Record<string, string>>>> = {
  slipway: {},
  'distribution-2.8': {
    ...distribution,
    'end-5 PATCH out of order is 416': 'it appends whatever comes',
    'end-5 PATCH of a chunk that was taken already is 416, and the upload goes on after it': 'it appends whatever comes',
    'end-5 PATCH that does not begin at 0 is 416': 'it appends whatever comes',
    'end-8a GET lists all tags in lexical order': 'the order is the file system’s',
    'end-8b n is the most that a page has': 'it has no pages',
    'end-8b n=0 is an empty list': 'it has no pages',
    'end-8b n above the number of tags is all of them': 'the order is the file system’s',
    'end-8b last begins after a tag': 'it has no pages',
    'end-8b Link leads through all pages, and the last has none': 'it has no pages',
    'end-9 DELETE of a tag takes the tag, and leaves the manifest': 'only digests are deleted, tags are 400',
    'end-9 DELETE of a tag that is not there is 404': 'only digests are deleted, tags are 400',
  },
  'distribution-3': distribution,
}
