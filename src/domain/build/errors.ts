import { defineError } from '../../base/errors.ts'

export const contextMissing = defineError({
  code: 'SW-BUILD-CONTEXT-MISSING',
  fault: 'input',
  title: 'The build context does not exist.',
  causes: ['The path is relative to another folder than the workspace.', 'An earlier step that should have made it did not run.'],
  fix: 'Set `context` to a folder, or for a static program to its file, relative to the workspace.',
})

export const dockerignoreBroken = defineError({
  code: 'SW-BUILD-DOCKERIGNORE',
  fault: 'input',
  title: 'The .dockerignore file cannot be read.',
  causes: ['A pattern has an unbalanced bracket.', 'The file is no text.'],
  fix: 'Mend the pattern that the message shows; a bracket that is part of a name is written \\[.',
})

export const binaryBroken = defineError({
  code: 'SW-BUILD-BINARY-BROKEN',
  fault: 'input',
  title: 'A program or library is damaged.',
  causes: ['The file was cut when it was copied or downloaded.', 'A packer changed it in a way that tools cannot read.'],
  fix: 'Build or download the file again; `readelf -ld FILE` shows what is wrong.',
})

export const librariesMissing = defineError({
  code: 'SW-BUILD-LIBRARIES',
  fault: 'environment',
  title: 'A shared library that the base needs was not found on this machine.',
  causes: [
    'Node is installed in a way that finds its libraries through the environment.',
    'The library was removed after Node had started.',
  ],
  fix: 'Use the official Node build, or set `base` to an image such as docker.io/library/node:24-slim.',
})

export const dependenciesUnusable = defineError({
  code: 'SW-BUILD-DEPENDENCIES',
  fault: 'input',
  title: 'The production dependencies of a Node project cannot be told from its lock file and node_modules.',
  causes: [
    'node_modules was installed from another lock file, or packages were added by hand.',
    'package-lock.json is missing, or older than package.json.',
    'The project is installed by pnpm, Yarn or Bun.',
  ],
  fix: 'Run `npm ci` before the build; for another package manager say what goes into the image with `layers`.',
})

export const symlinkOutside = defineError({
  code: 'SW-BUILD-SYMLINK-OUTSIDE',
  fault: 'input',
  title: 'A symbolic link leads out of the build context.',
  causes: [
    'The link is absolute, or has too many `..`.',
    'A dependency is linked from another folder of the machine (`npm link`, `file:../…`).',
  ],
  fix: 'Replace the link by a copy, build from the folder that holds both ends, or leave it out with .dockerignore.',
})

export const pathTooLong = defineError({
  code: 'SW-BUILD-PATH-TOO-LONG',
  fault: 'input',
  title: 'A path in the image would be longer than 255 bytes.',
  causes: ['Folders are nested very deeply, often in generated files or test fixtures.'],
  fix: 'Shorten the path, or leave it out with .dockerignore.',
})

export const fileUnfit = defineError({
  code: 'SW-BUILD-FILE-KIND',
  fault: 'input',
  title: 'Something in the build context cannot be in an image layer.',
  causes: [
    'A socket, a named pipe or a device lies among the files.',
    'The name of a file begins with `.wh.`, which layers use for deletions.',
  ],
  fix: 'Remove or rename it, or leave it out with .dockerignore.',
})

export const layerInvalid = defineError({
  code: 'SW-BUILD-LAYER',
  fault: 'input',
  title: 'A layer of the input `layers` cannot be used.',
  causes: ['It is not SRC:DEST or SRC:DEST:PATTERN.', 'Its destination is one that base images or runtimes own.'],
  fix: 'Write it as SRC:DEST, with SRC relative to the context and DEST absolute: dist:/app/dist.',
})

export const noEntrypoint = defineError({
  code: 'SW-BUILD-NO-ENTRYPOINT',
  fault: 'input',
  title: 'It is not known what a container of the image should run.',
  causes: [
    'Neither `entrypoint` nor `cmd` is set, and the base image has none.',
    'The start script of package.json needs a shell, or names a file that is not in the image.',
  ],
  fix: 'Set `entrypoint`, as a list of arguments: ["node", "dist/server.js"].',
})

export const settingInvalid = defineError({
  code: 'SW-BUILD-SETTING',
  fault: 'input',
  title: 'A setting of the image cannot be used.',
  causes: ['A port, user, working folder, signal, variable or platform is not written as images have it.'],
  fix: 'Correct what the message names: port 8080 or 53/udp, user 65532 or 65532:65532, an absolute workdir, platform linux/amd64.',
})

export const rootRefused = defineError({
  code: 'SW-BUILD-ROOT-USER',
  fault: 'input',
  title: 'The image would run as root.',
  causes: ['The input `user` is root, 0 or 0:…'],
  fix: 'Leave `user` out, which means 65532, or set `allow-root: true` if the program truly needs root.',
})

export const planUnfit = defineError({
  code: 'SW-BUILD-PLAN',
  fault: 'input',
  title: 'The plan does not fit the context.',
  causes: [
    '`context` is a file where a folder is needed, or the other way round.',
    'The project is not built yet: there is no jar, no published folder, no program.',
    '`plan` is node and there is no package.json.',
  ],
  fix: 'Build the project first; name what it made with `context`; or say what goes into the image with `layers`.',
})

export const layerEmpty = defineError({
  code: 'SW-BUILD-EMPTY',
  fault: 'input',
  title: 'A layer or the whole image would have no file.',
  causes: ['The step that makes the files did not run.', '.dockerignore or a pattern leaves all of them out.'],
  fix: 'Build the project before the image; take files back in .dockerignore with `!path`.',
})

export const notStatic = defineError({
  code: 'SW-BUILD-NOT-STATIC',
  fault: 'input',
  title: 'A program cannot run on scratch, because it needs more than itself.',
  causes: ['It is linked dynamically: a C library and a loader are needed.', 'It is a script.'],
  fix: 'Link it statically, or set `base` to an image that has what it needs.',
})

export const platformUnfit = defineError({
  code: 'SW-BUILD-PLATFORM',
  fault: 'input',
  title: 'Files are made for another platform than the image.',
  causes: ['A program was compiled for this machine only.', 'node_modules holds compiled add-ons of this machine.'],
  fix: 'Build for the platform first; give each platform its own files with {os} and {arch} in `context` or `layers`.',
})

export const baseMissing = defineError({
  code: 'SW-BUILD-BASE-MISSING',
  fault: 'input',
  title: 'The base of the image is not there.',
  causes: [
    'The reference or the path of the layout is misspelt.',
    'The registry does not have the image, or not for this account.',
    'node-runtime cannot be made from the Node that runs here.',
  ],
  fix: 'Check `base`: scratch, node-runtime, a reference with its registry, or oci:PATH of a layout.',
})

export const baseNeeded = defineError({
  code: 'SW-BUILD-BASE-NEEDED',
  fault: 'input',
  title: 'The program needs a base image that has what runs it.',
  causes: [
    'No base is set, and the program needs Java, Python, .NET or a web server.',
    'The base has another version of it, or starts in a way that the image cannot.',
  ],
  fix: 'Set `base` to an image that the message or its hint names, best by digest.',
})

export const tooManyLayers = defineError({
  code: 'SW-BUILD-LAYERS',
  fault: 'input',
  title: 'The image would have more layers than container runtimes can mount.',
  causes: ['The base image has very many layers.', '`layers` has very many entries.'],
  fix: 'Join entries of `layers`, or choose a base with fewer layers.',
})

export const basePlatform = defineError({
  code: 'SW-BUILD-BASE-PLATFORM',
  fault: 'input',
  title: 'The base does not have a platform that is asked for.',
  causes: ['The base image was built for other platforms.', 'node-runtime is only for the platform of the machine that builds.'],
  fix: 'Choose a base that has the platform, or leave the platform out of `platforms`.',
})

export const programUnfit = defineError({
  code: 'SW-BUILD-PROGRAM',
  fault: 'input',
  title: 'A program of the input `programs` cannot be copied into the image.',
  causes: [
    'It is not installed on the machine that builds, or for another processor.',
    'It is a script, whose interpreter would be missing.',
    'The base is another than node-runtime, whose libraries the program was not built for.',
  ],
  fix: 'Install the program where the build runs and name its ELF file; or use a base image that has it.',
})

/** Every error that a native build may throw of its own. */
export const buildErrors = [
  contextMissing,
  dockerignoreBroken,
  binaryBroken,
  librariesMissing,
  dependenciesUnusable,
  symlinkOutside,
  pathTooLong,
  fileUnfit,
  layerInvalid,
  noEntrypoint,
  settingInvalid,
  rootRefused,
  planUnfit,
  layerEmpty,
  notStatic,
  platformUnfit,
  baseMissing,
  baseNeeded,
  tooManyLayers,
  basePlatform,
  programUnfit,
]
