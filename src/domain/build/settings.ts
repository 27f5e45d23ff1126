import { rootRefused, settingInvalid } from './errors.ts'

/** What a container of the image does, as given; undefined leaves it to the plan or the base. */
export interface Settings {
  readonly entrypoint?: readonly string[] | undefined
  readonly cmd?: readonly string[] | undefined
  readonly env: Readonly<Record<string, string>>
  readonly workdir?: string | undefined
  /** `uid`, `uid:gid`, or names that the base's /etc/passwd knows. */
  readonly user?: string | undefined
  readonly allowRoot: boolean
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly stopSignal?: string | undefined
}

/** Who runs when nobody is named: a number, as Kubernetes' runAsNonRoot cannot judge a name. */
const defaultUser = '65532:65532'

/** Checks every setting and reports all faults at once. @throws SW-BUILD-SETTING, SW-BUILD-ROOT-USER */
export function checkSettings({ env, workdir, user, allowRoot, ports, stopSignal }: Settings): void {
  const faults = [
    ...Object.keys(env).map((name) =>
      /^[^=\0]+$/.test(name) ? undefined : `env has the name ${JSON.stringify(name)}, expected one without "="`,
    ),
    workdir === undefined || /^\/[^\0]*$/.test(workdir) ? undefined : `workdir is ${JSON.stringify(workdir)}, expected an absolute path`,
    user === undefined || /^[^\s:]+(?::[^\s:]+)?$/.test(user)
      ? undefined
      : `user is ${JSON.stringify(user)}, expected a number or name, or two with ":" between`,
    ...ports.map((port) =>
      portOf(port) === undefined ? `ports has ${JSON.stringify(port)}, expected 8080, 8080/tcp or 53/udp` : undefined,
    ),
    stopSignal === undefined || /^(?:SIG[A-Z0-9+-]+|[1-9]\d?)$/.test(stopSignal)
      ? undefined
      : `stop-signal is ${JSON.stringify(stopSignal)}, expected SIGTERM or a number`,
  ].filter((fault) => fault !== undefined)
  if (faults.length > 0) throw settingInvalid(`${faults.join('; ')}.`)
  if (user !== undefined) userOf({ user, allowRoot }, undefined)
}

/** The user of the image: the one given, else the base's unless that is root, else 65532. @throws SW-BUILD-ROOT-USER */
export function userOf({ user, allowRoot }: Pick<Settings, 'user' | 'allowRoot'>, baseUser: string | undefined): string {
  const chosen = user ?? (baseUser === undefined || isRoot(baseUser) ? (allowRoot ? (baseUser ?? defaultUser) : defaultUser) : baseUser)
  if (!isRoot(chosen) || allowRoot) return chosen
  throw rootRefused(`user is ${JSON.stringify(chosen)}, which is root.`, {
    hint: `Leave user out (it is then ${defaultUser}), or set allow-root: true if the program truly needs root.`,
  })
}

/** A port as an image names it: `8080/tcp`; undefined for a text that is none. */
export function portOf(text: string): string | undefined {
  const [, number = '', protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text.trim()) ?? []
  return Number(number) >= 1 && Number(number) <= 65_535 ? `${Number(number)}/${protocol}` : undefined
}

/** An empty user is root too (image-spec, config.md §User). */
function isRoot(user: string): boolean {
  const [name = ''] = user.split(':')
  return name === '' || name === 'root' || /^[+-]?0+$/.test(name)
}
