import type { Readable } from 'node:stream'

/** Facts beside a constant message. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>

/** The only way to print. Messages are constants, what varies goes into the fields; both are redacted and neutralised. */
export interface Log {
  debug(message: string, fields?: Fields): void
  info(message: string, fields?: Fields): void
  warn(message: string, fields?: Fields): void
  error(message: string, fields?: Fields): void
  /** Output of a child process or another text that is not ours, any number of lines. */
  untrusted(text: string): void
}

/** What a task does now. The host shows it alive on a terminal and as a heartbeat elsewhere. */
export interface Progress {
  /** Replaces the line that says what happens now: `uploading layer 2 of 3`. */
  doing(what: string, part?: { readonly done: number; readonly total: number; readonly unit: 'bytes' | 'items' }): void
}

/**
 * Bytes as they come. A piece stays as it is until the next but one is asked for: then its memory may be used again. Not for a stream
 * of Node's, which reads ahead as far as it likes; `compress` and `decompress` copy.
 */
export interface Pieces extends AsyncIterable<Uint8Array> {
  /** Gives up what they are read from; whoever waits for a piece gets an error or the end. */
  destroy(): unknown
}

/** A body whose size is not known before it ends: sent in chunks (RFC 9112 §7.1). */
export interface OpenBody {
  open(): Pieces
}

/** A body that can be opened again, so that its request can be retried. */
export interface BodySource extends OpenBody {
  /** In bytes. */
  readonly size: number
}

/** Of one server: authorities besides the usual ones, and the certificate that says who we are (mTLS). All PEM. */
export interface HttpTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly url: string
  /** Names in lower case. `authorization` is sent to this URL's origin only, never along a redirect to another. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: BodySource | OpenBody | string | Uint8Array
  /** Whether the request may be sent again after a failure. Default: every method but POST and PATCH. */
  readonly idempotent?: boolean
  /**
   * Lets a request that may not be sent again go over a kept connection, which the server may have closed meanwhile: told of that before the
   * request fails, by no fault of the server's. Without it such a request has a connection of its own.
   */
  readonly onStale?: () => void
  /** `follow` (default, at most 10, every hop checked), or `manual`: a 3xx is returned as it is. */
  readonly redirect?: 'follow' | 'manual'
  /**
   * Origin (`https://host:port`) that the caller set out to talk to. Any other URL (realm, Location, Link, foreign layer)
   * is refused at a loopback, private or link-local address unless it has this origin. An origin of plain http is the caller's
   * choice and spoken to as such; without this field plain http is for loopback only. Default: the URL's own origin.
   */
  readonly home?: string
  /** For this URL's origin only: a redirect to another is met without it. */
  readonly tls?: HttpTls
  /** Statuses that are answers rather than failures, and never retried. Default: below 400, and 401, 403, 404, 405, 409, 412, 416. */
  readonly expect?: readonly number[]
  /** Metadata overtakes blobs in the host's queue. Default `metadata`. */
  readonly priority?: 'metadata' | 'blob'
  /**
   * Whether it takes no place in the host's queue from others: the server answers when it has news, or goes on for as long; or the answer
   * is read by a request that has a place there.
   */
  readonly holdsNoPlace?: boolean
  /** Whether it is sent when the run has been stopped as well, once: what others must hear of it. Give it a short deadline. */
  readonly evenStopped?: boolean
  /** Ends this request alone, with its reason. */
  readonly signal?: AbortSignal
  /** At most. Default: as many as its deadline allows. */
  readonly attempts?: number
  /** Milliseconds without a byte in either direction. Default 60 000. */
  readonly idleTimeout?: number
  /** Asked when they are over, and nothing of what the kernel holds has gone either: how many more may go by so. Default: none, and the request ends. */
  readonly moreIdle?: () => number
  /** Milliseconds for the request with all its retries. Default 300 000. */
  readonly deadline?: number
}

export interface HttpResponse {
  readonly status: number
  /** The URL that answered, after redirects. */
  readonly url: string
  /** Header by lower-case name; several values joined by `, `. */
  header(name: string): string | undefined
  /** All values of a header that may come more than once (`www-authenticate`, `warning`, `link`). */
  headers(name: string): readonly string[]
  /** The body as it comes; must be read to its end or discarded. */
  readonly body: Readable
  /** Instead of `body`, for whoever passes a long one on: its bytes as they come, in memory that is used again. */
  pieces(): Pieces
  /** The body whole; over `limit` bytes (default 4 MiB) is an error. */
  bytes(limit?: number): Promise<Buffer>
  text(limit?: number): Promise<string>
  /** The body parsed as JSON; an error names the URL and shows the beginning of what came instead. */
  json(limit?: number): Promise<unknown>
  discard(): Promise<void>
}

/** The one door to HTTP: retries, limits, proxy, CA, redirect and credential policy. */
export interface Http {
  request(request: HttpRequest): Promise<HttpResponse>
  /** Hosts (`host` or `host:port`) that the user allows plain http for. Default none. */
  readonly insecureHosts?: readonly string[]
}

export interface ProcessRequest {
  /** The program and its arguments; no shell ever sees them. */
  readonly argv: readonly string[]
  /** Absolute; default the workspace. */
  readonly cwd?: string
  /**
   * What the child sees of our environment: `tool` an allow-list (PATH, HOME, TMPDIR, locale, proxy, CA),
   * `user` everything but inputs, results, state and the CI system's own tokens. Default `tool`.
   */
  readonly inherit?: 'tool' | 'user'
  /** Added to it. */
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  /** Copies the child's output into the log as it comes, through the untrusted sink. Default false. */
  readonly echo?: boolean
  /** Writes stdout, byte for byte, into this file as well. */
  readonly stdoutFile?: string
  /** Whether stdout is a secret itself: it is given as it is, never echoed, also when it is hidden elsewhere. Default false. */
  readonly secretOutput?: boolean
  /** Bytes of each stream to keep; the rest is counted and dropped from the beginning. Default 1 MiB. */
  readonly keep?: number
  /** Milliseconds until the process group is ended. Default: none. */
  readonly timeout?: number
}

export interface ProcessResult {
  /** Exit status; null when a signal ended it. */
  readonly code: number | null
  readonly signal: string | null
  readonly timedOut: boolean
  /** The last {@link ProcessRequest.keep} bytes, redacted unless {@link ProcessRequest.secretOutput}. */
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds. */
  readonly duration: number
}

/** Runs programs: argv only, own process group, ended as a group on abort or timeout. */
export interface Processes {
  /** Resolves for every exit status; throws `SW-PROCESS-NOT-FOUND`, `SW-PROCESS-NOT-STARTED`. */
  run(request: ProcessRequest): Promise<ProcessResult>
  /** The absolute path of a program on PATH, or undefined. */
  find(program: string): Promise<string | undefined>
}

/** Where files belong. Reading and writing them is `io/files`. */
export interface Places {
  /** Absolute: the checkout that relative paths start from. */
  readonly workspace: string
  /** Absolute: `.slipway`, for what the user may keep (record, layout, reports). */
  readonly state: string
  /** Makes a folder with mode 0700 under the host's temporary folder; removed at the end of the run, also after a signal. */
  temporary(prefix: string): Promise<string>
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so many milliseconds; rejects at once when the run is aborted, or the sleeper's own signal. */
  sleep(milliseconds: number, own?: AbortSignal): Promise<void>
}

/** Who this run is, to others. */
export interface Identity {
  /** An OIDC token for an audience, fetched now, masked; `SW-IDENTITY-UNAVAILABLE` says what to set. */
  token(audience: string): Promise<string>
}

export interface Secrets {
  /** Hides a value and its encodings from all output from now on. */
  mask(value: string): void
}

/** Facts about the source and the run, as far as the host knows them. */
export interface Source {
  /** `https://github.com/acme/app`. */
  readonly repository?: string | undefined
  /** Full hash. */
  readonly commit?: string | undefined
  /** `refs/heads/main`, `refs/tags/v1`. */
  readonly ref?: string | undefined
  readonly actor?: string | undefined
  readonly runUrl?: string | undefined
}

/** A remark on a line of the user's source. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  readonly title?: string | undefined
  /** Relative to the workspace, with `/`. */
  readonly file?: string | undefined
  readonly line?: number | undefined
  readonly column?: number | undefined
}

/** A piece of the job summary. Rows come worst first: what does not fit is cut from the end, with a line that says so. */
export type Block =
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'table'; readonly title?: string; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'details'; readonly title: string; readonly text: string }

/** What every host gives to every task. Tests pass fakes. */
export interface Ports {
  readonly log: Log
  readonly progress: Progress
  readonly http: Http
  readonly process: Processes
  readonly files: Places
  readonly clock: Clock
  /** Aborted by SIGINT, SIGTERM or the caller. */
  readonly signal: AbortSignal
  readonly identity: Identity
  readonly secrets: Secrets
  readonly source: Source
  /** Variables of the environment that a task declares under `environment`; a blank one is absent. */
  readonly environment: Readonly<Record<string, string | undefined>>
  annotate(annotation: Annotation): void
}
