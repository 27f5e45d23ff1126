import { defineError, type ErrorKind } from '../base/errors.ts'

export const usage = defineError({
  code: 'SW-USAGE',
  fault: 'input',
  title: 'The command line cannot be understood.',
  causes: ['A command or a flag is misspelt.', 'A flag lacks its value, or a secret was given as a flag.'],
  fix: '`slipway --help` lists the commands, `slipway <command> --help` its flags.',
})

export const bug = defineError({
  code: 'SW-BUG',
  fault: 'tool',
  exit: 1,
  title: 'Slipway has made a mistake.',
  causes: ['A mistake in Slipway, or in one of its tasks.'],
  fix: 'Report it at https://github.com/slipway-ci/slipway/issues with these lines, the version of Slipway and of Node, and the command.',
})

export const nodeTooOld = defineError({
  code: 'SW-NODE-VERSION',
  fault: 'environment',
  title: 'Node is older than what Slipway needs.',
  causes: ['The `node` that is found first is not the one that Slipway was started with elsewhere.'],
  fix: 'Install Node 24, or start Slipway with the one of its clone: `node_modules/.bin/node dist/slipway/index.js`, there after `npm ci`.',
})

export const fileUnproven = defineError({
  code: 'SW-FILE-UNPROVEN',
  fault: 'policy',
  title: 'The bundle does not prove that the file was signed by whom it should be.',
  causes: [
    'The bundle is about another file, or was changed.',
    'Somebody else signed it, or under another Sigstore than the trusted root is of.',
  ],
  fix: 'Read the reason: what was expected and what was there. Do not use the file before they agree.',
})

export const cliErrors: readonly ErrorKind[] = [usage, bug, nodeTooOld, fileUnproven]
