import { resolve } from 'node:path'
import type { Choice } from '../../domain/argocd/applications.ts'
import type { ArgoSettings } from '../../domain/argocd/connection.ts'
import type { InputOf } from '../../spec/define.ts'
import type { Places } from '../../spec/ports.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

/** Which applications the inputs choose, but for those by name. */
export function choiceOf({ selector, projects, appNamespace: namespace }: Input): Choice {
  return { selector, projects: projects.length === 0 ? undefined : projects, namespace }
}

/** Where Argo CD is and who we are there; files are relative to the workspace. */
export function settingsOf(input: Input, { workspace }: Places): ArgoSettings {
  const { server, connector, audience, token, username, password, headers } = input
  const at = (path: string | undefined): string | undefined => (path === undefined ? undefined : resolve(workspace, path))
  return {
    ...{ server, connector, audience, token, username, password, headers: headers?.split('\n').filter((line) => line.trim() !== '') },
    ...{ tokenFile: at(input.tokenFile), ca: at(input.ca), certificate: at(input.certificate), key: at(input.key) },
  }
}
