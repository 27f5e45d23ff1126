import { sourceErrors } from '../../domain/git/errors.ts'
import { diskFull, fileKind, fileUnreadable, fileUnwritable, pathOutside } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, integer, path, secret, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'

export const task = defineTask({
  name: 'source',
  summary: 'Check out a repository at a branch, tag or commit into the workspace, and say which commit it is.',
  reads: [],
  writes: ['source'],
  inputs: {
    repository: text({
      required: true,
      summary: 'Address of the repository: https, http, ssh, file:///path or user@host:path. Without credentials.',
      example: 'https://github.com/acme/app.git',
    }),
    ref: text({
      optional: true,
      summary: 'Branch, tag, full name (refs/pull/1/head) or full hash of a commit. Default: the branch that the repository’s HEAD is on.',
      example: 'main',
    }),
    commit: text({
      optional: true,
      summary: 'Full hash that the ref must lead to; at any other commit the task stops before it changes a file.',
    }),
    depth: integer({ default: 1, summary: 'Commits of history to fetch. 0: all, with every branch and tag.' }),
    submodules: boolean({ default: false, summary: 'Check out submodules too, and theirs.' }),
    path: path({
      default: '.',
      summary: 'Folder of the checkout, relative to the workspace. It must be empty, or a checkout of the same repository.',
    }),
    username: text({
      default: 'x-access-token',
      summary: 'User of the password. GitHub, GitLab and Gitea take any name beside a token.',
    }),
    password: secret({ optional: true, summary: 'Password or token for https, sent to the origin of the repository only.' }),
  },
  outputs: {
    commit: out.hash({ summary: 'Full hash of the commit.' }),
    tree: out.hash({ summary: 'Full hash of its tree: the same for the same files, whatever the history.' }),
    url: out.text({ summary: 'Address of the repository.' }),
  },
  permissions: { github: { contents: 'read' } },
  errors: [...sourceErrors, fileUnreadable, fileUnwritable, fileKind, pathOutside, diskFull],
  environment: ['SSH_AUTH_SOCK', 'GIT_SSH_COMMAND'],
  hosts: {
    github: { icon: 'git-branch', color: 'blue' },
    tekton: {
      resources: { cpu: '100m', memory: '256Mi', memoryLimit: '1Gi' },
      chainsGit: { url: 'url', commit: 'commit' },
    },
  },
})
