import { expect, it } from '@jest/globals'
import { restrictedViolations } from './pod-security.ts'
import { changed } from './tekton-samples.ts'
import type { Task } from './tekton-shapes.ts'

const yaml = `
spec:
  volumes: [{ name: token, projected: { sources: [] } }]
  steps:
    - name: one
      securityContext:
        allowPrivilegeEscalation: false
        capabilities: { drop: [ALL] }
        runAsNonRoot: true
        seccompProfile: { type: RuntimeDefault }
`
const check = (change: string): readonly string[] => restrictedViolations(changed(yaml, change) as Task)

it('has nothing against a restricted step', () => {
  expect(check('spec.steps.0.securityContext.capabilities.add = [NET_BIND_SERVICE]')).toEqual([])
})

it.each([
  ['spec.steps.0.securityContext = ~', 4],
  ['spec.steps.0.securityContext.privileged = true', 1],
  ['spec.steps.0.securityContext.allowPrivilegeEscalation = true', 1],
  ['spec.steps.0.securityContext.allowPrivilegeEscalation = ~', 1],
  ['spec.steps.0.securityContext.capabilities.drop = [NET_RAW]', 1],
  ['spec.steps.0.securityContext.capabilities.add = [SYS_ADMIN]', 1],
  ['spec.steps.0.securityContext.runAsNonRoot = false', 1],
  ['spec.steps.0.securityContext.runAsUser = 0', 1],
  ['spec.steps.0.securityContext.seccompProfile = ~', 1],
  ['spec.steps.0.securityContext.seccompProfile.type = Unconfined', 1],
  ['spec.steps.0.securityContext.procMount = Unmasked', 1],
  ['spec.volumes.0.hostPath = {path: /}', 1],
])('finds what is wrong after %s', (change, count) => {
  expect(check(change)).toHaveLength(count)
})
