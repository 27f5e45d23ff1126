import type { Repository } from '../../src/domain/git/fixtures/repository.ts'

/** What a server answered; the body parsed where it is JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

export interface Asking {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly body?: unknown
  /** Default: the administrator's token. Empty: none. */
  readonly token?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A Kubernetes object by its kind, namespace and name. */
export interface Named {
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** An Argo CD with its cluster, real or fake, as a scene plays on it. Names made by `name` belong to this stage alone. */
export interface Stage extends AsyncDisposable {
  readonly kind: 'real' | 'fake'
  readonly server: string
  /** The administrator's token. */
  readonly admin: string
  /** Token of the account `ci`: it may get and sync applications, no more. */
  readonly ci: string
  name(title: string): string
  /** A repository that Argo CD can read, gone with the stage. */
  repository(files: Readonly<Record<string, string>>): Repository
  /** Waits so many milliseconds of the stage's clock, which may run faster than the machine's. */
  wait(milliseconds: number): Promise<void>
  ask(path: string, asking?: Asking): Promise<Answer>
  /** Merges into an object's status, as a kubelet or a controller would write it. */
  setStatus(object: Named, status: object): Promise<void>
  /** Merges into an object, as somebody with kubectl would. Applications lie in the namespace argocd. */
  change(object: Named, part: object): Promise<void>
  createNamespace(name: string): Promise<void>
  /** Nothing is refreshed or synced until `thaw`. */
  freeze(): Promise<void>
  thaw(): Promise<void>
  /** The API server dies and is there again after so many milliseconds, at the same address. */
  restart(after: number): Promise<void>
}
