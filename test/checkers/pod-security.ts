/** Pod Security Standards, profile "restricted", as far as a Task decides it: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
import type { SecurityContext, Task, Volume } from './tekton-shapes.ts'

const volumeTypes = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret']

/** Every reason for which a namespace that enforces "restricted" would refuse the pod of this Task. */
export function restrictedViolations({ spec }: Pick<Task, 'spec'>): readonly string[] {
  return [
    ...spec.steps.flatMap((step, place) => contextViolations(step.securityContext ?? {}, `step ${step.name ?? place}`)),
    ...(spec.volumes ?? []).flatMap(volumeViolations),
  ]
}

/** As {@link restrictedViolations}, for one container. */
export function contextViolations(context: SecurityContext, where: string): readonly string[] {
  const { capabilities = {}, seccompProfile, procMount = 'Default' } = context
  const added = (capabilities.add ?? []).filter((name) => name !== 'NET_BIND_SERVICE')
  const rules: readonly (readonly [boolean, string])[] = [
    [context.privileged !== true, 'is privileged'],
    [context.allowPrivilegeEscalation === false, 'does not set allowPrivilegeEscalation to false'],
    [capabilities.drop?.includes('ALL') === true, 'does not drop ALL capabilities'],
    [added.length === 0, `adds the capabilities ${added.join(', ')}`],
    [context.runAsNonRoot === true, 'does not set runAsNonRoot to true'],
    [context.runAsUser !== 0, 'runs as user 0'],
    [['RuntimeDefault', 'Localhost'].includes(seccompProfile?.type ?? ''), 'has no seccomp profile RuntimeDefault or Localhost'],
    [procMount === 'Default', `mounts /proc as ${procMount}`],
  ]
  return rules.filter(([holds]) => !holds).map(([, what]) => `${where} ${what}`)
}

function volumeViolations({ name, ...source }: Volume): readonly string[] {
  return Object.keys(source)
    .filter((type) => !volumeTypes.includes(type))
    .map((type) => `volume ${name} is a ${type}`)
}
