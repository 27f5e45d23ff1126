import { defineError } from '../../base/errors.ts'

export const repositoryInvalid = defineError({
  code: 'SW-SOURCE-REPOSITORY',
  fault: 'input',
  title: 'The address of a repository cannot be used.',
  causes: [
    'It is not https, http, ssh, file or host:path.',
    'It holds a user name with a password, a query, or characters that addresses do not have.',
  ],
  fix: 'Write it as https://host/team/app.git, and give credentials as inputs of their own.',
})

export const refInvalid = defineError({
  code: 'SW-SOURCE-REF',
  fault: 'input',
  title: 'A ref is not a name that git takes, or names two things.',
  causes: ['It begins with `-`, or holds a space, `..`, `~`, `^`, `:`, `?`, `*`, `[` or `\\`.', 'A branch and a tag have the same name.'],
  fix: 'Give a branch, a tag or a full hash; refs/heads/NAME and refs/tags/NAME tell a branch from a tag.',
})

export const refMissing = defineError({
  code: 'SW-SOURCE-REF-MISSING',
  fault: 'input',
  title: 'The repository does not have the ref or commit that is asked for.',
  causes: [
    'The branch or tag was deleted, renamed or never pushed.',
    'The hash is short, or of a commit that no branch holds any more.',
    'The repository is empty.',
  ],
  fix: 'List what there is: git ls-remote REPOSITORY. A commit is named by its full hash.',
})

export const commitMismatch = defineError({
  code: 'SW-SOURCE-COMMIT',
  fault: 'policy',
  title: 'The ref leads to another commit than the one that was expected.',
  causes: ['The branch moved after the pipeline was started.', 'A tag was moved.'],
  fix: 'Set `ref` to the hash itself to build that very commit, or start the pipeline again for the new one.',
})

export const sourceDenied = defineError({
  code: 'SW-SOURCE-DENIED',
  fault: 'environment',
  title: 'The server does not let this run read the repository.',
  causes: [
    'The repository is private and no credentials were given.',
    'The token has expired, or may not read this repository.',
    'With ssh: the key or the host is not known here.',
  ],
  fix: 'Give `password` a token that may read the repository (on Tekton: in the Secret slipway-source), or with ssh a key and known_hosts.',
})

export const repositoryMissing = defineError({
  code: 'SW-SOURCE-MISSING',
  fault: 'input',
  title: 'There is no repository at the address.',
  causes: [
    'The address is misspelt, or the repository has moved.',
    'The server hides a private repository from those who may not read it.',
  ],
  fix: 'Try it: git ls-remote REPOSITORY. Use the address that the server itself shows, with .git at its end.',
})

export const sourceUnreachable = defineError({
  code: 'SW-SOURCE-UNREACHABLE',
  fault: 'remote',
  transient: true,
  title: 'The server of the repository did not answer, or the connection broke.',
  causes: [
    'The host name is misspelt, or not known to the DNS of this machine.',
    'The server is overloaded or down; a proxy or firewall is in the way.',
    'Its certificate is signed by an authority that this machine does not know.',
  ],
  fix: 'Try `git ls-remote REPOSITORY` on the same machine; set HTTPS_PROXY, or GIT_SSL_CAINFO=/path/ca.pem.',
})

export const folderTaken = defineError({
  code: 'SW-SOURCE-FOLDER',
  fault: 'input',
  title: 'The folder for the checkout holds something else.',
  causes: ['The workspace was used by another pipeline or for another repository.', 'An earlier step wrote files before the checkout.'],
  fix: 'Bind an empty workspace, set `path` to a folder of its own, or remove what is there.',
})

export const sourceChanged = defineError({
  code: 'SW-SOURCE-CHANGED',
  fault: 'input',
  title: 'The checkout holds work that the new one would overwrite.',
  causes: ['An earlier step changed files of the repository, or made files where the new commit has its own.', 'Commits were made here.'],
  fix: 'See it with `git status`; commit and push it elsewhere, or remove the folder and run again.',
})

export const submoduleInvalid = defineError({
  code: 'SW-SOURCE-SUBMODULE',
  fault: 'input',
  title: 'A submodule cannot be checked out.',
  causes: ['.gitmodules does not say where it is, or not in a way that is safe.', 'Submodules are nested too deeply, or are too many.'],
  fix: 'Correct .gitmodules (git submodule sync; git submodule status), or set submodules: false.',
})

export const gitMissing = defineError({
  code: 'SW-SOURCE-GIT-MISSING',
  fault: 'environment',
  title: 'The program git is not installed here.',
  causes: ['The image of this step has no git.', 'git is not on PATH.'],
  fix: 'Use the image of Slipway, which has it, or install git (apt-get install git).',
})

export const gitFailed = defineError({
  code: 'SW-SOURCE-GIT',
  fault: 'tool',
  title: 'git ended with an error.',
  causes: ['The server answered in a way that git does not understand.', 'The folder .git is damaged.', 'git is older than 2.38.'],
  fix: 'Read the words of git in the message; remove the folder and run again if .git is damaged.',
})

/** Every error that a checkout may throw of its own. */
export const sourceErrors = [
  repositoryInvalid,
  refInvalid,
  refMissing,
  commitMismatch,
  sourceDenied,
  repositoryMissing,
  sourceUnreachable,
  folderTaken,
  sourceChanged,
  submoduleInvalid,
  gitMissing,
  gitFailed,
]
