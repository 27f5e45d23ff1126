import { expect, test } from '@jest/globals'
import { unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { githubServices } from '../instance/instance.ts'
import { publicServices } from '../services/signing-config.ts'
import { servicesOf } from './choose-signer.ts'

const iss = 'https://token.actions.githubusercontent.com'
const tokenOf = (visibility: string): string => unsignedJwt({ iss, repository_visibility: visibility })
const own = { authority: 'https://fulcio.example.com', logs: [{ url: 'https://rekor.example.com', version: 1 }], timestamps: [] }

test.each([
  ['a public repository: the public instance', { identityToken: tokenOf('public') }, publicServices],
  ['a private repository: GitHub’s own, which has no log', { identityToken: tokenOf('private') }, githubServices],
  ['an internal repository: GitHub’s own', { identityToken: tokenOf('internal') }, githubServices],
  ['a key, whose owner no token names: the public instance', { key: 'cosign.key' }, publicServices],
  [
    'a private repository that names its services: those',
    { identityToken: tokenOf('private'), fulcioUrl: own.authority, rekorUrl: 'https://rekor.example.com' },
    own,
  ],
])('without a socket, for %s', async (_, choice, expected) => {
  const { ports } = fakePorts()
  expect(await servicesOf({ rekorVersion: '1', transparencyLog: true, sigstore: 'auto', ...choice }, ports)).toEqual(expected)
})
