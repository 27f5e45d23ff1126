import { type Add, type Arg, type Dockerfile, DockerfileParser, type Env, type From, type Instruction } from 'dockerfile-ast'

/** A remark on a line of a Dockerfile; lines count from 1. */
export interface Hint {
  readonly line: number
  readonly title: string
  readonly message: string
}

/** What a reviewer would remark on: bases that can move, root at the end, downloads that nobody checks, secrets that stay in the image. */
export function hintsOf(text: string, buildArgs: Readonly<Record<string, string>> = {}): readonly Hint[] {
  const file = DockerfileParser.parse(text)
  const hints = [...baseHints(file, buildArgs), ...file.getInstructions().flatMap(instructionHints), ...userHint(file)]
  return hints.sort((a, b) => a.line - b.line)
}

/** One for each image, where it is named first. */
function baseHints(file: Dockerfile, buildArgs: Readonly<Record<string, string>>): readonly Hint[] {
  const all = file.getFROMs().flatMap((from) => baseHint(from, { file, buildArgs }))
  return all.filter(({ message }, index) => all.findIndex((other) => other.message === message) === index)
}

interface Given {
  readonly file: Dockerfile
  readonly buildArgs: Readonly<Record<string, string>>
}

function baseHint(from: From, { file, buildArgs }: Given): readonly Hint[] {
  const image = resolved(from, { file, buildArgs })
  if (image === undefined || image === 'scratch' || isStage(image, from, file) || image.includes('@sha256:')) return []
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  if (tag === undefined || tag === 'latest')
    return [at(from, 'Base without a version', `${image} is another image with every release: name a version and its digest.`)]
  return [at(from, 'Base without a digest', `${image} can be moved to other content: add its digest, ${image}@sha256:…`)]
}

function isStage(image: string, from: From, file: Dockerfile): boolean {
  return file.getFROMs().some((other) => lineOf(other) < lineOf(from) && other.getBuildStage()?.toLowerCase() === image.toLowerCase())
}

/** The image with its ARGs filled in; undefined when one has no value. */
function resolved(from: From, { file, buildArgs }: Given): string | undefined {
  let isKnown = true
  const image = from.getImage()?.replace(/\$\{?(\w+)(?::-([^}]*))?\}?/g, (_, name: string, otherwise: string | undefined) => {
    const declared = file.getInitialARGs().find((arg) => arg.getProperty()?.getName() === name)
    const value = buildArgs[name] ?? declared?.getProperty()?.getValue() ?? otherwise
    if (value === undefined || value === null || value === '') isKnown = false
    return value ?? ''
  })
  return isKnown ? image?.replace(/^"(.*)"$/, '$1') : undefined
}

function instructionHints(instruction: Instruction): readonly Hint[] {
  const keyword = instruction.getKeyword()
  if (keyword === 'ADD') return downloadHint(instruction as Add)
  if (keyword === 'ARG') return secretHints(instruction, [(instruction as Arg).getProperty()?.getName()])
  if (keyword === 'ENV')
    return secretHints(
      instruction,
      (instruction as Env).getProperties().map((property) => property.getName()),
    )
  return []
}

function downloadHint(add: Add): readonly Hint[] {
  const isChecked = add.getFlags().some((flag) => flag.getName() === 'checksum')
  const address = add.getArguments().find((argument) => /^https?:\/\//i.test(argument.getValue()))
  if (isChecked || address === undefined) return []
  return [
    at(
      add,
      'Download without a checksum',
      'ADD takes whatever the server sends: give --checksum=sha256:…, or COPY a file that was checked.',
    ),
  ]
}

/** Names whose values are secrets; the path or address of one is none. */
const secretName = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i

function secretHints(instruction: Instruction, names: readonly (string | undefined)[]): readonly Hint[] {
  return names
    .filter((name) => name !== undefined && secretName.test(name))
    .map((name) =>
      at(
        instruction,
        'Secret in the image',
        `${instruction.getKeyword()} ${name} stays readable in the image's history: give it with \`secrets\` and RUN --mount=type=secret.`,
      ),
    )
}

/** The user of the last stage, or of the stage that it goes on from. */
function userHint(file: Dockerfile): readonly Hint[] {
  const froms = file.getFROMs()
  let from = froms.at(-1)
  const last = from
  while (from !== undefined && last !== undefined) {
    const begin = lineOf(from)
    const end = lineOf(froms[froms.indexOf(from) + 1]) || Number.POSITIVE_INFINITY
    const user = file.getInstructions().findLast((one) => one.getKeyword() === 'USER' && lineOf(one) > begin && lineOf(one) < end)
    const name = user?.getArguments()[0]?.getValue() ?? ''
    if (user !== undefined)
      return isRoot(name) ? [at(user, 'Runs as root', 'The image runs as root: end with a user such as USER 65532:65532.')] : []
    const image = from.getImage()?.toLowerCase()
    from = froms.find((other) => lineOf(other) < begin && other.getBuildStage()?.toLowerCase() === image)
  }
  if (last === undefined) return []
  return [at(last, 'No user', 'No USER ends this stage: it runs as the base says, which is root most often. Add USER 65532:65532.')]
}

function isRoot(user: string): boolean {
  return /^(?:root|0+)(?::|$)/.test(user)
}

function at(instruction: Instruction, title: string, message: string): Hint {
  return { line: lineOf(instruction), title, message }
}

function lineOf(instruction: Instruction | undefined): number {
  return instruction === undefined ? 0 : instruction.getRange().start.line + 1
}
