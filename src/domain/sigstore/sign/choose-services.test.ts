import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { unsignedJwt } from '../../../../test/fakes/cloud.ts'
import { fakePorts } from '../../../../test/fakes/ports.ts'
import { temporaryFolder } from '../../../io/fixtures/folder.ts'
import { githubServices } from '../instance/instance.ts'
import { publicServices } from '../services/signing-config.ts'
import { servicesOf } from './choose-signer.ts'

const iss = 'https://token.actions.githubusercontent.com'
const tokenOf = (visibility: string): string => unsignedJwt({ iss, repository_visibility: visibility })
const own = { authority: 'https://fulcio.example.com', logs: [{ url: 'https://rekor.example.com', version: 1 }], timestamps: [] }

const file = join(temporaryFolder(), 'signing_config.json')
const service = (url: string) => [{ url, majorApiVersion: 1, operator: '' }]
writeFileSync(
  file,
  JSON.stringify({
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    ...{ caUrls: service(own.authority), rekorTlogUrls: service('https://rekor.example.com') },
  }),
)

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
  [
    'a public repository with a timestamp authority of its own: the public instance with that one',
    { identityToken: tokenOf('public'), timestampUrl: 'https://tsa.example.com' },
    { ...publicServices, timestamps: ['https://tsa.example.com'] },
  ],
  ['a signing config, which an instance by name does not stand before', { signingConfig: file, sigstore: 'public' }, own],
] as const)('without a socket, for %s', async (_, choice, expected) => {
  const { ports } = fakePorts()
  expect(await servicesOf({ rekorVersion: '1', transparencyLog: true, sigstore: 'auto', ...choice }, ports)).toEqual(expected)
})
