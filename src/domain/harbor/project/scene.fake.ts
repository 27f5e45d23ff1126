import { credentialOf, harborScene } from '../../../../test/fakes/harbor/scene.ts'
import type { Http } from '../../../spec/ports.ts'
import { connectHarbor, type Harbor } from '../client.ts'
import { type Applied, applyProjects } from './apply.ts'
import { type Change, titleOf } from './change.ts'
import { parseProjectFile } from './file.ts'
import type { KindName } from './kind.ts'
import { planProjects, type Request } from './plan.ts'

export const admin = { username: 'admin', password: 'admin-Passw0rd' }

interface Options {
  readonly prune?: readonly KindName[]
  readonly account?: typeof admin
  readonly harbor?: Harbor
  readonly secrets?: ReadonlyMap<string, string>
}

/** A Harbor for tests, and what a file comes to there. */
export function projectScene() {
  const scene = harborScene()
  const request = (
    text: string,
    { prune = [], account = admin, harbor = scene().connect(account), secrets = new Map() }: Options,
  ): Request => ({
    ...{ read: parseProjectFile(text, 'harbor.yaml', secrets), harbor, prune: new Set(prune), time: scene().clock.now() },
  })
  return {
    scene,
    plan: (text: string, options: Options = {}): Promise<readonly Change[]> => planProjects(request(text, options)),
    apply: (text: string, options: Options = {}): Promise<readonly Applied[]> => applyProjects(request(text, options)),
    /** Requests so far that change something. */
    writes: (): readonly string[] => scene().harbor.log.filter((line) => !/^(?:GET|HEAD) /.test(line)),
    /** An administrator by another way to HTTP. */
    connectBy: (way: (http: Http) => Http): Harbor => {
      const { harbor, ports } = scene()
      return connectHarbor({ origin: harbor.url, credential: credentialOf(admin) }, { ...ports, http: way(ports.http) })
    },
    project: (name: string) => {
      const found = scene().harbor.state.projects.find((one) => one.name === name)
      if (found === undefined) throw new Error(`the fake has no project ${name}`)
      return found
    },
  }
}

/** `update shop › metadata › severity: low → high`, but for what is unchanged. */
export function linesOf(changes: readonly Change[]): readonly string[] {
  const open = changes.filter(({ action }) => action !== 'unchanged')
  return open.map((change) => `${change.action} ${titleOf(change)}: ${change.before ?? ''} → ${change.after ?? ''}`)
}

/** What was done to all projects; what went wrong is thrown. */
export function doneOf(applied: readonly Applied[]): readonly string[] {
  const failed = applied.find(({ error }) => error !== undefined)
  if (failed !== undefined) throw failed.error
  return linesOf(applied.flatMap(({ changes }) => changes))
}
