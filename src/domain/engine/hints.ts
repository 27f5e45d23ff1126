import type { Add, Arg, Env, Instruction } from 'dockerfile-ast'
import { lineOf, type Stage } from './stages.ts'

/** A remark on a line of a Dockerfile; lines count from 1. */
export interface Hint {
  readonly line: number
  readonly title: string
  readonly message: string
}

/** What a reviewer would remark on: bases that can move, root at the end, downloads that nobody checks, secrets that stay in the image. */
export function hintsOf(stages: readonly Stage[]): readonly Hint[] {
  const hints = [...baseHints(stages), ...stages.flatMap(({ instructions }) => instructions.flatMap(instructionHints)), ...userHint(stages)]
  return hints.sort((a, b) => a.line - b.line)
}

/** One for each image, where it is named first. */
function baseHints(stages: readonly Stage[]): readonly Hint[] {
  const all = stages.flatMap(baseHint)
  return all.filter(({ message }, index) => all.findIndex((other) => other.message === message) === index)
}

function baseHint({ line, image, parent }: Stage): readonly Hint[] {
  if (image === undefined || image === 'scratch' || parent !== undefined || image.includes('@sha256:')) return []
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  if (tag === undefined || tag === 'latest')
    return [
      { line, title: 'Base without a version', message: `${image} is another image with every release: name a version and its digest.` },
    ]
  return [{ line, title: 'Base without a digest', message: `${image} can be moved to other content: add its digest, ${image}@sha256:…` }]
}

function instructionHints(instruction: Instruction): readonly Hint[] {
  const keyword = instruction.getKeyword()
  if (keyword === 'ADD') return downloadHint(instruction as Add)
  if (keyword === 'ARG') return secretHints(instruction, [(instruction as Arg).getProperty()?.getName()])
  if (keyword !== 'ENV') return []
  return secretHints(
    instruction,
    (instruction as Env).getProperties().map((property) => property.getName()),
  )
}

function downloadHint(add: Add): readonly Hint[] {
  const isChecked = add.getFlags().some((flag) => flag.getName() === 'checksum')
  const isDownload = add.getArguments().some((argument) => /^https?:\/\//i.test(argument.getValue()))
  if (isChecked || !isDownload) return []
  const message = 'ADD takes whatever the server sends: give --checksum=sha256:…, or COPY a file that was checked.'
  return [{ line: lineOf(add), title: 'Download without a checksum', message }]
}

/** Names whose values are secrets; the path or address of one is none. */
const secretName = /(?:^|_)(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i

function secretHints(instruction: Instruction, names: readonly (string | undefined)[]): readonly Hint[] {
  const secrets = names.filter((name) => name !== undefined && secretName.test(name))
  return secrets.map((name) => ({
    line: lineOf(instruction),
    title: 'Secret in the image',
    message: `${instruction.getKeyword()} ${name} stays readable in the image's history: give it with \`secrets\` and RUN --mount=type=secret.`,
  }))
}

/** The user of the last stage, or of the stage that it goes on from. */
function userHint(stages: readonly Stage[]): readonly Hint[] {
  const last = stages.at(-1)
  if (last === undefined) return []
  for (let stage: Stage | undefined = last; stage !== undefined; stage = stage.parent) {
    const user = stage.instructions.findLast((instruction) => instruction.getKeyword() === 'USER')
    if (user === undefined) continue
    const isRoot = /^(?:root|0+)(?::|$)/.test(user.getArguments()[0]?.getValue() ?? '')
    const message = 'The image runs as root: end with a user such as USER 65532:65532.'
    return isRoot ? [{ line: lineOf(user), title: 'Runs as root', message }] : []
  }
  const message = 'No USER ends this stage: it runs as the base says, which is root most often. Add USER 65532:65532.'
  return [{ line: last.line, title: 'No user', message }]
}
