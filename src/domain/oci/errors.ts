import { defineError } from '../../base/errors.ts'
import { httpMalformed, httpProxy, httpRefusedUrl, httpTls } from '../../io/errors.ts'
import { credentialKeyless } from '../cloud/errors.ts'
import { harborPolicy, harborQuota, harborReadOnly } from '../harbor/errors.ts'

export const layoutMissing = defineError({
  code: 'SW-LAYOUT-MISSING',
  fault: 'input',
  title: 'There is no OCI image layout at the path.',
  causes: [
    'The path is misspelt or relative to another folder.',
    'The build that writes the layout has not run, or its workspace was not kept.',
  ],
  fix: 'Run `slipway build` first, or set `layout` to the folder that holds `oci-layout` and `index.json`.',
})

export const layoutCorrupt = defineError({
  code: 'SW-LAYOUT-CORRUPT',
  fault: 'environment',
  title: 'The OCI image layout is not whole.',
  causes: ['Files were removed or changed after the build.', 'A cache or artifact upload left some files out.'],
  fix: 'Remove the layout folder and build again.',
})

export const digestMismatch = defineError({
  code: 'SW-DIGEST-MISMATCH',
  fault: 'remote',
  transient: true,
  title: 'The bytes read are not the ones that their digest and size promise.',
  causes: ['The registry, a proxy before it or the disk changed or cut the content.', 'Somebody replaced the content.'],
  fix: 'Pull again past any proxy; if it happens again, treat the registry or the disk as damaged and push the image anew.',
})

export const manifestInvalid = defineError({
  code: 'SW-MANIFEST-INVALID',
  fault: 'remote',
  title: 'The content is not a manifest or index of image-spec 1.1.',
  causes: ['A proxy or login page answered in place of the registry.', 'It is a Docker schema 1 manifest, which no current tool writes.'],
  fix: 'Check the reference with `skopeo inspect --raw docker://REFERENCE`, and build or push the image with a current tool.',
})

export const manifestMissing = defineError({
  code: 'SW-MANIFEST-MISSING',
  fault: 'input',
  title: 'There is no manifest of that tag or digest.',
  causes: ['The tag or digest is misspelt, or was removed by a retention rule.', 'The image is in another repository or registry.'],
  fix: 'Look which tags there are: `skopeo list-tags docker://REGISTRY/REPOSITORY`.',
})

export const manifestTooLarge = defineError({
  code: 'SW-MANIFEST-TOO-LARGE',
  fault: 'input',
  title: 'The manifest is larger than registries accept.',
  causes: ['It has very many layers, children or annotations.'],
  fix: 'Use fewer layers or platforms, or move large annotations into an artifact of their own.',
})

export const platformMissing = defineError({
  code: 'SW-PLATFORM-MISSING',
  fault: 'input',
  title: 'The image does not have the platform.',
  causes: ['The image was built for other platforms.', 'The platform is misspelt; it is os/architecture with an optional /variant.'],
  fix: 'Choose one of the platforms that the message lists.',
})

export const blobMissing = defineError({
  code: 'SW-BLOB-MISSING',
  fault: 'remote',
  transient: true,
  title: 'The registry does not have a blob that its manifest names.',
  causes: ['Its garbage collection removed the blob.', 'The push that made the image was not finished.'],
  fix: 'Push the image again, or run the registry’s own consistency check.',
})

export const registryUnauthenticated = defineError({
  code: 'SW-REGISTRY-UNAUTHENTICATED',
  fault: 'environment',
  title: 'The registry wants a login, and no credential for it was found.',
  causes: [
    'No login step ran before, or it ran with another HOME or DOCKER_CONFIG.',
    'The login is for another spelling of the registry: host and port must be equal.',
  ],
  fix: 'Set the inputs `username` and `password`, or log in before: `docker login REGISTRY`.',
})

export const registryDenied = defineError({
  code: 'SW-REGISTRY-DENIED',
  fault: 'environment',
  title: 'The registry refuses access with this credential, or without one.',
  causes: [
    'The password or token is wrong, expired or disabled.',
    'The account may not do this in this repository; a push needs both pull and push.',
    'The project or repository does not exist: many registries answer the same then.',
    'On Harbor, a robot’s name has a `$` that a shell replaced: quote it.',
  ],
  fix: 'Use a credential with the right that the message names; for Harbor look at the project’s members and robots.',
})

export const registryUnreachable = defineError({
  code: 'SW-REGISTRY-UNREACHABLE',
  fault: 'remote',
  transient: true,
  title: 'The registry does not answer.',
  causes: [
    'The host name or port is wrong, or a firewall or proxy is between.',
    'The registry is down or overloaded.',
    'Its certificate is not trusted here.',
  ],
  fix: 'Try `curl -v https://REGISTRY/v2/` from the same machine, then run again.',
})

export const registryRefused = defineError({
  code: 'SW-REGISTRY-REFUSED',
  fault: 'remote',
  transient: true,
  title: 'The registry refuses the request.',
  causes: ['A quota is full or a rule of the project forbids it.', 'The registry or a proxy before it does not support what was asked.'],
  fix: 'Read the registry’s own words in the message; its logs know more.',
})

export const chunksUnsupported = defineError({
  code: 'SW-REGISTRY-CHUNKS',
  fault: 'input',
  title: 'The registry does not keep a blob that is sent in chunks.',
  causes: ['Amazon ECR keeps only the first chunk.', 'The registry, or a proxy before it, drops a part of an upload and does not say so.'],
  fix: 'Leave `chunk-size` unset for this registry: each blob is then sent in one request.',
})

export const tagInvalid = defineError({
  code: 'SW-PUSH-TAG',
  fault: 'input',
  title: 'A tag is not one that a registry takes.',
  causes: [
    'It is longer than 128 characters, or begins with a dot or a dash.',
    'It holds a character other than letters, digits, `_`, `.` and `-`: a branch name with `/`, or a version with `+`.',
  ],
  fix: 'Replace the characters before you pass the tag: `feature/x` → `feature-x`, `1.4.0+build` → `1.4.0-build`.',
})

export const tagImmutable = defineError({
  code: 'SW-TAG-IMMUTABLE',
  fault: 'policy',
  title: 'The tag exists and may not be moved.',
  causes: ['An immutability rule protects it.'],
  fix: 'Use a new tag, or change the rule in the registry.',
  exit: 5,
})

export const signaturesDiffer = defineError({
  code: 'SW-SIGNATURES-DIFFER',
  fault: 'policy',
  title: 'The target has signatures under the tag that the source’s signatures belong to, and they are others.',
  causes: [
    'The image was signed in both repositories after it was copied, in the format of cosign before version 3: one tag holds them all.',
  ],
  fix: 'Set `referrers: false` to keep those of the target, or remove the tag there to have those of the source.',
  exit: 5,
})

export const pushNotVerified = defineError({
  code: 'SW-PUSH-NOT-VERIFIED',
  fault: 'remote',
  transient: true,
  title: 'The registry said that it stored the content, and does not have it.',
  causes: ['The registry or its storage lost the write.', 'Reads go to a mirror that lags behind.'],
  fix: 'Push again; if it happens again, look at the registry’s storage. No tag was moved.',
})

export const credentialHelper = defineError({
  code: 'SW-CREDENTIAL-HELPER',
  fault: 'environment',
  title: 'A credential helper that Docker’s configuration names failed.',
  causes: ['The program docker-credential-NAME is not installed here.', 'It needs a login, a desktop session or cloud access of its own.'],
  fix: 'Run `echo REGISTRY | docker-credential-NAME get` by hand, or remove the helper from the configuration file.',
})

export const credentialFile = defineError({
  code: 'SW-CREDENTIAL-FILE',
  fault: 'environment',
  title: 'A file or variable with registry credentials cannot be read.',
  causes: ['It is not JSON, or its `auth` is not base64 of user:password.', 'A secret was pasted with quotes or line breaks added.'],
  fix: 'Write it anew with `docker login REGISTRY`, or set the inputs `username` and `password`.',
})

export const authRealmRefused = defineError({
  code: 'SW-AUTH-REALM-REFUSED',
  fault: 'remote',
  title: 'The registry sends clients for a token to an address that must not see the credential.',
  causes: [
    'The token service is configured with http or with an internal address.',
    'Something between is trying to steal the credential.',
  ],
  fix: 'Correct the token service’s external URL in the registry; it must be https and public, or the registry’s own host.',
})

/** What reading or writing a layout may throw. */
const layoutErrors = [layoutMissing, layoutCorrupt, digestMismatch, manifestInvalid, manifestMissing, platformMissing]

/** What a registry client may throw, the copies from and to a layout included. */
export const registryErrors = [
  registryUnauthenticated,
  registryDenied,
  registryUnreachable,
  registryRefused,
  chunksUnsupported,
  authRealmRefused,
  credentialHelper,
  credentialFile,
  credentialKeyless,
  ...[harborPolicy, harborQuota, harborReadOnly],
  blobMissing,
  manifestTooLarge,
  tagImmutable,
  pushNotVerified,
  httpTls,
  httpProxy,
  httpRefusedUrl,
  httpMalformed,
  ...layoutErrors,
]
