import { describe, expect, it } from '@jest/globals'
import { jobLogin } from './variables.ts'

const token = { GITHUB_TOKEN: 'job-token' }
const gitlab = { CI_REGISTRY: 'registry.example.com:5050', CI_JOB_TOKEN: 'job-token' }
const own = { ...gitlab, CI_REGISTRY_USER: 'gitlab-ci-token', CI_REGISTRY_PASSWORD: 'registry-password' }

describe('the login that a CI system gives its job', () => {
  it.each<[string, string, Record<string, string>, object | undefined]>([
    ['GitHub’s', 'ghcr.io', { ...token, GITHUB_ACTOR: 'octocat' }, { username: 'octocat', password: 'job-token', source: 'GITHUB_TOKEN' }],
    ['GitHub’s without an actor', 'ghcr.io', token, { username: 'x-access-token' }],
    ['GitHub’s of a tenant', 'containers.acme.ghe.com', { ...token, GITHUB_SERVER_URL: 'https://acme.ghe.com' }, { password: 'job-token' }],
    ['Forgejo’s', 'codeberg.org', { ...token, GITHUB_SERVER_URL: 'https://codeberg.org' }, { password: 'job-token' }],
    ['GitLab’s own login', 'registry.example.com:5050', own, { username: 'gitlab-ci-token', password: 'registry-password' }],
    ['GitLab’s job token', 'registry.example.com:5050', gitlab, { username: 'gitlab-ci-token', password: 'job-token' }],
    ['Forgejo’s at GitHub', 'ghcr.io', { ...token, GITHUB_SERVER_URL: 'https://codeberg.org' }, undefined],
    ['GitHub’s at Docker Hub', 'docker.io', token, undefined],
    ['GitHub’s at github.com', 'github.com', token, undefined],
    ['GitLab’s at another port', 'registry.example.com', gitlab, undefined],
    ['GitLab’s elsewhere', 'registry.example.org:5050', own, undefined],
    ['none', 'ghcr.io', {}, undefined],
    ['a blank one', 'ghcr.io', { GITHUB_TOKEN: ' ' }, undefined],
  ])('%s at %s', (_, registry, environment, login) => {
    if (login === undefined) expect(jobLogin(registry, environment)).toBeUndefined()
    else expect(jobLogin(registry, environment)).toMatchObject(login)
  })
})
