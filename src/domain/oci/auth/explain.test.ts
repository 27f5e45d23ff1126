import { describe, expect, it } from '@jest/globals'
import { credentialKeyless } from '../../cloud/errors.ts'
import { registryDenied, registryRefused, registryUnauthenticated, registryUnreachable } from '../errors.ts'
import { parseChallenges } from './challenge.ts'
import type { Credential } from './credential.ts'
import { explained } from './explain.ts'
import { type Hints, hints } from './hints.ts'

const denied = registryDenied('denies the credential')
const anonymous = registryUnauthenticated('wants a login')
const missing = registryRefused('refuses: status 404, NAME_UNKNOWN The repository does not exist')
const ecr = '123456789012.dkr.ecr.eu-west-1.amazonaws.com'
const harbor = 'Bearer realm="https://harbor.example.com/service/token",service="harbor-registry"'

function hintOf(error: unknown, registry: string, { header = '', username = 'bob' } = {}): unknown {
  const credential: Credential = { kind: 'password', username, password: 'hunter2', source: 'x' }
  const challenges = parseChallenges([header])
  return Object(explained(error, { registry, repository: 'team/app', challenges, credential, failure: undefined })).hint
}

describe('a refusal says what to do', () => {
  it.each<[string, Error, string, object, RegExp]>([
    ['ECR, without the repository', missing, ecr, {}, /^aws ecr create-repository --region eu-west-1 --repository-name 'team\/app'$/],
    ['ECR, without a right', denied, ecr, {}, /ecr:GetAuthorizationToken and, on team\/app/],
    ['ECR, without a login', anonymous, ecr, {}, /AWS_ROLE_ARN .*id-token: write/],
    ['public ECR', missing, 'public.ecr.aws', {}, /aws ecr-public create-repository .* 'app'/],
    ['Artifact Registry', denied, 'us-docker.pkg.dev', {}, /--project=team .*roles\/artifactregistry\.writer/],
    ['ACR', denied, 'acme.azurecr.io', {}, /AcrPush .*acme\.azurecr\.io/],
    ['GHCR', denied, 'ghcr.io', {}, /packages: write/],
    ['Docker Hub', denied, 'docker.io', {}, /Read & Write/],
    ['Quay', denied, 'quay.io', {}, /permission Write on team\/app/],
    ['Harbor by its token service', denied, 'harbor.example.com', { header: harbor }, /project team does not exist/],
    ['Harbor by its Basic challenge', denied, 'harbor.example.com', { header: 'Basic realm="harbor"' }, /lacks push or pull/],
    [
      'Harbor, to a robot without $',
      denied,
      'harbor.example.com',
      { header: harbor, username: 'robot+ci' },
      /came as "robot\+ci": a shell took/,
    ],
    [
      'GitLab',
      denied,
      'r.example',
      { header: 'Bearer realm="https://gitlab.example/jwt/auth",service="container_registry"' },
      /\$CI_REGISTRY_IMAGE/,
    ],
    [
      'Forgejo',
      denied,
      'r.example',
      { header: 'Bearer realm="https://r.example/v2/token",service="container_registry", Basic realm="Forgejo"' },
      /write:package/,
    ],
    ['Artifactory', denied, 'r.example', { header: 'Basic realm="Artifactory Realm"' }, /Deploy\/Cache/],
  ])('%s', (_, error, registry, seen, hint) => expect(hintOf(error, registry, seen)).toMatch(hint))

  it.each<[string, Error, string]>([
    ['a registry of no family', denied, 'r.example'],
    ['an error of another kind', registryUnreachable('gone'), ecr],
    ['a refusal that says more itself', registryRefused('status 413'), ecr],
  ])('but not %s', (_, error, registry) => expect(hintOf(error, registry)).toBeUndefined())

  it('and keeps a hint that is there, and what is said of what was done', () => {
    const own = registryDenied('x', { hint: 'own' })
    expect(hintOf(own, ecr)).toBe('own')
    const refused = { registry: ecr, repository: 'a', challenges: [], credential: undefined, failure: undefined }
    const safe = 'no tag was moved'
    expect(explained(registryRefused('NAME_UNKNOWN', { safe }), refused)).toMatchObject({ safe, hint: expect.stringContaining('aws ecr') })
  })

  it('or why there is no login, in place of that there is none', () => {
    const failure = credentialKeyless('AWS STS refuses')
    expect(explained(anonymous, { registry: ecr, repository: 'a', challenges: [], credential: undefined, failure })).toBe(failure)
    expect(explained(denied, { registry: ecr, repository: 'a', challenges: [], credential: undefined, failure })).not.toBe(failure)
  })

  it('with nothing left to fill in', () => {
    const known = ['registry', 'repository', 'project', 'name', 'region']
    const texts = Object.values<Hints>(hints).flatMap((ofFamily): string[] => Object.values(ofFamily))
    const fields = texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? ''))
    expect(fields.filter((name) => !known.includes(name))).toEqual([])
  })
})
