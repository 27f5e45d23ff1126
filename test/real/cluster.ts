import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { end, output } from './program.ts'

/** A Kubernetes object, as far as it is read here. */
export interface KubeObject {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

export interface Volume {
  /** The name of the claim in its namespace. */
  readonly claim: string
  /** Where its files lie on this machine, which is the cluster's only node. */
  readonly folder: string
}

export interface VolumeOptions {
  /** Owner and group of the volume's folder. Default: the user of our images. */
  readonly owner?: number
  readonly mode?: number
}

/** The user of our images. */
export const imageUser = 65_532

/** Gives a folder and all that is in it to the user of our images. */
export function give(folder: string, owner: number = imageUser): void {
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) chownSync(join(folder, name), owner, owner)
}

/** Runs kubectl; an object is given to it as its standard input. */
export function kubectl(argv: readonly string[], object?: unknown): Promise<string> {
  return output(['kubectl', ...argv], object === undefined ? {} : { input: JSON.stringify(object) })
}

/** A namespace of the lab's cluster, with all that is made in it gone when disposed. */
export class Namespace implements AsyncDisposable {
  readonly name: string
  readonly #volumes: { readonly name: string; readonly folder: string }[] = []

  private constructor(name: string) {
    this.name = name
  }

  static async create(title: string, labels: Readonly<Record<string, string>> = {}): Promise<Namespace> {
    const namespace = new Namespace(`e2e-${title}-${process.pid}-${Date.now().toString(36)}`)
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace.name, labels } })
    await namespace.wait('serviceaccount/default', 'create', 180)
    return namespace
  }

  apply(objects: readonly unknown[]): Promise<string> {
    return this.#run(['apply', '-f', '-'], { apiVersion: 'v1', kind: 'List', items: objects })
  }

  /** Makes an object and returns its name. */
  async make(object: unknown): Promise<string> {
    return (JSON.parse(await this.#run(['create', '-o', 'json', '-f', '-'], object)) as KubeObject).metadata.name
  }

  async read<T extends KubeObject>(kind: string, name: string): Promise<T> {
    return JSON.parse(await this.#run(['get', kind, name, '-o', 'json'])) as T
  }

  async list<T extends KubeObject>(kind: string, label: string): Promise<readonly T[]> {
    return (JSON.parse(await this.#run(['get', kind, '-l', label, '-o', 'json'])) as { items: T[] }).items
  }

  /** Merges into the object what is given of it. */
  change(resource: string, part: unknown): Promise<string> {
    return this.#run(['patch', resource, '--type=merge', '-p', JSON.stringify(part)])
  }

  remove(resource: string): Promise<string> {
    return this.#run(['delete', resource, '--wait=false'])
  }

  /** Waits for what `kubectl wait --for` calls a condition: `create`, `condition=Ready`, `jsonpath=…`. */
  wait(resource: string, condition: string, seconds: number): Promise<string> {
    return this.#run(['wait', resource, `--for=${condition}`, `--timeout=${seconds}s`])
  }

  /** What a container of the pod, or all one after another, printed; empty when the pod is gone. */
  async logs(pod: string, container?: string, ...flags: readonly string[]): Promise<string> {
    const which = container === undefined ? ['--all-containers'] : ['--container', container]
    return (await end(['kubectl', '-n', this.name, 'logs', pod, ...which, '--tail=-1', ...flags])).stdout
  }

  /** A claim on a folder of this machine. */
  async claim(claim: string, { owner = imageUser, mode = 0o755 }: VolumeOptions = {}): Promise<Volume> {
    const name = `${this.name}-${claim}`
    const folder = mkdtempSync(join(tmpdir(), 'slipway-volume-'))
    this.#volumes.push({ name, folder })
    const path = join(folder, claim)
    mkdirSync(path)
    chmodSync(folder, 0o755)
    chownSync(path, owner, owner)
    chmodSync(path, mode)
    const size = { storage: '1Gi' }
    const spec = { accessModes: ['ReadWriteOnce'], storageClassName: '' }
    const claimRef = { namespace: this.name, name: claim }
    const volume = { ...spec, capacity: size, claimRef, hostPath: { path } }
    await kubectl(['create', '-f', '-'], { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name }, spec: volume })
    // A claim that comes before its volume is ready waits for the controller's next round, a quarter of a minute later.
    await kubectl(['wait', `persistentvolume/${name}`, '--for=jsonpath={.status.phase}=Available', '--timeout=180s'])
    const wanted = { ...spec, volumeName: name, resources: { requests: size } }
    await this.apply([{ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: claim }, spec: wanted }])
    await this.wait(`pvc/${claim}`, 'jsonpath={.status.phase}=Bound', 180)
    return { claim, folder: path }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await kubectl(['delete', 'namespace', this.name, '--timeout=180s'])
    for (const { name, folder } of this.#volumes) {
      await kubectl(['delete', 'persistentvolume', name, '--timeout=60s'])
      rmSync(folder, { recursive: true, force: true })
    }
  }

  #run(argv: readonly string[], object?: unknown): Promise<string> {
    return kubectl(['-n', this.name, ...argv], object)
  }
}
