/** What one run of a scanner is given; all paths are absolute. */
export interface ScanRequest {
  /** An OCI layout with one image. */
  readonly layout: string
  /** Where the report goes. */
  readonly report: string
  /** An empty file: settings in the folders of the user would change what is found. */
  readonly settings: string
  /** Where its database is; its own default when absent. */
  readonly cache: string | undefined
  /** Milliseconds. */
  readonly timeout: number
}

/** The arguments and variables of a run; without the program. */
export interface Call {
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** A program that writes reports of layouts. */
export interface Scanner {
  readonly name: 'trivy' | 'grype'
  /** Versions whose reports are understood, as ranges of semantic versions. */
  readonly versions: string
  /** Asks for its version, as JSON. */
  version(cache: string | undefined): Call
  /** What it answered to that: its version, and when its database was made where it says so. */
  about(answer: unknown): { readonly version: string; readonly date?: string }
  scan(request: ScanRequest): Call
  /** What it says when it has no database. */
  readonly withoutDatabase: RegExp
}

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()])

/** Variables of a run with those that a program without the network has no use for taken away: credentials of registries, and of proxies. */
export function apart(env: Call['env'], folder: string): Call['env'] {
  return { ...Object.fromEntries(proxies.map((name) => [name, ''])), DOCKER_CONFIG: folder, XDG_RUNTIME_DIR: folder, ...env }
}
