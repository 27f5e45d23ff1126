import type { Dialect } from '../auth/dialect.ts'
import type { Rule } from './rule.ts'

export const profileNames = ['ecr', 'gar', 'ghcr', 'quay', 'harbor', 'hub', 'distribution-2.8'] as const
export type ProfileName = (typeof profileNames)[number]

/** How a registry differs from the specification's model, as far as clients notice. */
export interface Profile {
  readonly summary: string
  /** How it asks for authorisation, when there is an account. */
  readonly dialect: Dialect
  readonly rules: readonly Rule[]
}

/** No registry that we know has the tag parameter of the development version (read 2026-11). */
const noTagParameter: Rule = { name: 'no-tag-parameter', on: { request: 'manifest-put' }, action: 'ignore', parameters: ['tag'] }

const noReferrers: readonly Rule[] = [
  {
    name: 'no-referrers-api',
    on: { path: /^\/v2\/.+\/referrers\// },
    action: 'status',
    status: 404,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: '404 page not found\n',
  },
  { name: 'no-oci-subject', on: { request: 'manifest-put' }, action: 'change', unset: ['oci-subject'] },
]

const noMount: Rule = { name: 'no-mount', on: { request: 'mount' }, action: 'ignore', parameters: ['mount', 'from'] }

/** The table of quirks; what each rests on stands in `docs/guides/fault-registry.md`. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  ecr: {
    summary: 'Amazon ECR: Basic only, no mounts, chunks after the first are lost, pages of 1000 tags at most.',
    dialect: { mode: 'basic', realm: 'https://ecr.amazonaws.com/', service: 'ecr.amazonaws.com' },
    rules: [
      noTagParameter,
      noMount,
      { name: 'later-chunks-are-lost', on: { request: 'upload-patch' }, per: 'path', skip: 1, action: 'drop' },
      { name: 'chunks-are-created', on: { request: 'upload-patch' }, action: 'change', status: 201 },
      {
        name: 'tag-page-too-large',
        on: { request: 'tags', above: { n: 1000 } },
        action: 'status',
        status: 405,
        code: 'UNSUPPORTED',
        message: 'maxResults is at most 1000',
      },
    ],
  },
  gar: {
    summary: 'Google Artifact Registry: a token service; a blob that HEAD has seen may be gone when the manifest comes.',
    dialect: { mode: 'bearer', tokenPath: '/v2/token' },
    rules: [
      noTagParameter,
      { name: 'collected-after-head', on: { request: 'blob-head' }, per: 'path', skip: 1, times: 1, action: 'forget' },
    ],
  },
  ghcr: {
    summary: 'GitHub Packages: a token service, no referrers API, the first manifest meets an unknown blob.',
    dialect: { mode: 'bearer', service: 'ghcr.io' },
    rules: [
      noTagParameter,
      ...noReferrers,
      {
        name: 'blob-unknown-at-first',
        on: { request: 'manifest-put' },
        times: 1,
        action: 'status',
        status: 404,
        code: 'MANIFEST_BLOB_UNKNOWN',
        message: 'unknown blob',
      },
    ],
  },
  quay: {
    summary: 'Quay: a token service; a mount without a source is refused.',
    dialect: { mode: 'bearer', tokenPath: '/v2/auth', service: 'quay.io', methods: ['GET'] },
    rules: [
      noTagParameter,
      {
        name: 'mount-without-from',
        on: { request: 'mount', path: /^(?!.*[?&]from=[^&])/ },
        action: 'status',
        status: 400,
        code: 'UNSUPPORTED',
        message: 'a mount has a source',
      },
    ],
  },
  harbor: {
    summary: 'Harbor: Basic and tokens, 401 where others say 403, repositories in projects, lists of referrers without pages.',
    dialect: { mode: 'harbor', tokenPath: '/service/token', service: 'harbor-registry', methods: ['GET'] },
    rules: [
      noTagParameter,
      {
        name: 'mount-from-no-project',
        on: { request: 'mount', path: /[?&]from=(?!(?:[^&]*(?:\/|%2F)))/i },
        action: 'status',
        status: 400,
        code: 'BAD_REQUEST',
        message: 'from is not project/repository',
      },
      { name: 'referrers-have-no-pages', on: { request: 'referrers' }, action: 'ignore', parameters: ['n', 'last'] },
    ],
  },
  hub: {
    summary: 'Docker Hub: a token service, a mount needs both repositories in one token, headers with the limit of pulls.',
    dialect: { mode: 'bearer', service: 'registry.docker.io', anonymous: ['pull'] },
    rules: [
      noTagParameter,
      {
        name: 'pull-limit',
        on: { request: ['manifest-head', 'manifest-get'] },
        action: 'change',
        set: { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' },
      },
    ],
  },
  'distribution-2.8': {
    summary: 'distribution 2.8: no referrers API, no pages of tags, no upload in one POST, a cut upload is over.',
    dialect: { mode: 'basic', realm: 'Registry Realm' },
    rules: [
      noTagParameter,
      ...noReferrers,
      { name: 'no-single-post', on: { request: 'upload-post' }, action: 'ignore', parameters: ['digest'] },
      {
        name: 'no-sha512-manifests',
        on: { request: 'manifest-put', path: /\/manifests\/sha512(?::|%3A)/i },
        action: 'status',
        status: 400,
        code: 'DIGEST_INVALID',
      },
      { name: 'chunks-in-any-order', on: { request: ['upload-patch', 'upload-put'] }, action: 'ignore', headers: ['content-range'] },
      { name: 'no-tag-pages', on: { request: 'tags' }, action: 'ignore', parameters: ['n', 'last'] },
      {
        name: 'no-deletes-of-tags',
        on: { request: 'manifest-delete', path: /\/manifests\/[^:]+$/ },
        action: 'status',
        status: 400,
        code: 'UNSUPPORTED',
      },
      { name: 'cut-uploads-are-over', on: { request: ['upload-patch', 'upload-put'] }, action: 'lose' },
    ],
  },
}
