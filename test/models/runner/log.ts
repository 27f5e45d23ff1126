import { type Command, parseCommand } from './command.ts'

export interface ShownAnnotation {
  readonly level: 'error' | 'warning' | 'notice'
  readonly message: string
  /** `file`, `line`, `col`, `title`, as given. */
  readonly properties: ReadonlyMap<string, string>
}

/** What GitHub shows: of annotations for each level, of each message in characters (ExecutionContext.cs). */
const limits = { annotations: 10, message: 4096 } as const

const known = [
  ...['add-mask', 'add-matcher', 'add-path', 'debug', 'echo', 'endgroup', 'error', 'group', 'notice'],
  ...['remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands', 'warning'],
]

/** The runner's side of a step's output: commands are obeyed, masks applied to all that follows (ActionCommandManager.cs). */
export class StepLog {
  /** What a reader of the log sees. */
  readonly lines: string[] = []
  readonly commands: Command[] = []
  readonly masks: string[] = []
  /** Those that GitHub shows, and those beyond its limit. */
  readonly annotations: ShownAnnotation[] = []
  readonly dropped: ShownAnnotation[] = []
  readonly outputs = new Map<string, string>()
  readonly state = new Map<string, string>()
  /** What the runner itself reports; each fails the step. */
  readonly errors: string[] = []
  readonly #registered = new Set(known)
  #resume: string | undefined

  take(line: string): void {
    const command = parseCommand(line, this.#registered)
    if (command === undefined) this.show(line)
    else if (this.#resume !== undefined) this.#whileStopped(command, line)
    else this.#obey(command, line)
  }

  show(line: string): void {
    this.lines.push(this.mask(line))
  }

  /** Longest first, so that no part of a secret is left when another is its beginning. */
  mask(text: string): string {
    const forms = this.masks.flatMap((secret) => [
      secret,
      Buffer.from(secret).toString('base64'),
      encodeURIComponent(secret.toWellFormed()),
    ])
    return forms.sort((a, b) => b.length - a.length).reduce((shown, form) => shown.replaceAll(form, '***'), text)
  }

  #whileStopped(command: Command, line: string): void {
    this.show(line)
    if (command.name !== this.#resume) return
    this.#registered.delete(this.#resume)
    this.#resume = undefined
  }

  #obey(command: Command, line: string): void {
    this.commands.push(command)
    const { name, data, properties } = command
    if (name === 'stop-commands') {
      this.show(line)
      this.#resume = data.toLowerCase()
      this.#registered.add(this.#resume)
    } else if (name === 'add-mask') this.#addMask(data)
    else if (name === 'error' || name === 'warning' || name === 'notice') this.#annotate(name, command)
    else if (name === 'group') this.show(`##[group]${data}`)
    else if (name === 'endgroup') this.show('##[endgroup]')
    else if (name === 'set-output') this.outputs.set(properties.get('name') ?? '', data)
    else if (name === 'save-state') this.state.set(properties.get('name') ?? '', data)
    else if (name === 'set-env' || name === 'add-path') this.errors.push(`Unable to process command '${line}' successfully.`)
  }

  #addMask(secret: string): void {
    if (secret.trim() === '') this.show("##[warning]Can't add secret mask for empty string in ##[add-mask] command.")
    else for (const part of new Set([secret, ...secret.split(/[\r\n]+/).filter((line) => line !== '')])) this.masks.push(part)
  }

  #annotate(level: ShownAnnotation['level'], { data, properties }: Command): void {
    this.show(`##[${level}]${data}`)
    const annotation = { level, message: this.mask(data).slice(0, limits.message), properties }
    const shown = this.annotations.filter((one) => one.level === level).length
    const list = shown < limits.annotations ? this.annotations : this.dropped
    list.push(annotation)
  }
}

/** Cuts output into lines where .NET's StreamReader.ReadLine does: at CR, LF and CR LF. */
export class LineReader {
  readonly #take: (line: string) => void
  #rest = ''

  constructor(take: (line: string) => void) {
    this.#take = take
  }

  add(text: string): void {
    // A CR at the end may be half of a CR LF.
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?=[^\n])/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#take(line)
  }

  end(): void {
    const rest = this.#rest.replace(/\r$/, '')
    if (this.#rest !== '') this.#take(rest)
    this.#rest = ''
  }
}
