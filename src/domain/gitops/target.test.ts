import { expect, test } from '@jest/globals'
import { describeTarget, parseTarget } from './target.ts'

test.each<[string, string]>([
  ['kustomize apps/web/kustomization.yaml team/app', 'apps/web/kustomization.yaml: images: team/app'],
  ['  helm   values.yaml  web.image ', 'values.yaml: web.image'],
  ['manifest a.yaml Deployment/web/app', 'a.yaml: Deployment web: container app'],
  ['manifest a.yaml Deployment/prod/web/app', 'a.yaml: Deployment prod/web: container app'],
  ['pointer p.json /a~1b/0 digest', 'p.json: /a/b/0'],
  ['marker Dockerfile FROM {image} AS app', 'Dockerfile: FROM {image} AS app'],
  ['marker main.tf version tag = "{image}"', 'main.tf: tag = "{image}"'],
])('%s', (text, described) => {
  expect(describeTarget(parseTarget(text))).toBe(described)
})

test.each([
  ['helm   values.yaml  web.image ', 'helm values.yaml web.image'],
  ['marker  Dockerfile   FROM  {image}', 'marker Dockerfile FROM  {image}'],
])('%j is one target however it is spaced', (text, plain) => {
  expect(parseTarget(text).text).toBe(plain)
})

test.each([
  '',
  'helm values.yaml',
  'sed a b',
  'helm /etc/passwd image',
  'helm ../x.yaml image',
  'helm .git/config a',
  'helm .GIT/config a',
  'helm a/./values.yaml image',
  'helm ./values.yaml image',
  'helm a//values.yaml image',
  'helm a.yaml b c',
  'manifest a.yaml Deployment/web',
  'manifest a.yaml a/b/c/d/e',
  'pointer a.json a',
  'pointer a.json /a all',
  'marker a b',
])('%j is refused', (text) => {
  expect(() => parseTarget(text)).toThrow(expect.objectContaining({ code: 'SW-GITOPS-TARGET' }))
})
