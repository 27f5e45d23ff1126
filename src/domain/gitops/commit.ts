import type { Git } from '../git/git.ts'
import { readObjects } from './objects.ts'
import { treeTrailer } from './order.ts'
import type { Signing } from './signing.ts'
import type { FileInCommit } from './snapshot.ts'

/** Who commits, and by what it is signed. */
export interface Author {
  readonly name: string
  readonly email: string
  readonly signing?: Signing | undefined
}

export interface NewCommit {
  readonly files: readonly Pick<FileInCommit, 'path' | 'mode' | 'text'>[]
  readonly message: string
  readonly author: Author
  /** Milliseconds since 1970. */
  readonly now: number
  /** Whether the message says which tree it is of. Default false. */
  readonly namesTree?: boolean | undefined
}

const made = 'refs/slipway/made'

/** A commit of files on top of another one, in one process, or three where it is signed; nothing is sent. @throws SW-GITOPS-SIGNING */
export async function commitFiles(git: Git, parent: string, commit: NewCommit): Promise<string> {
  const plain = await git.feed({ stdin: importOf(parent, commit) }, 'fast-import', '--quiet', '--force', '--done')
  const { signing } = commit.author
  if (signing === undefined && commit.namesTree !== true) return plain
  const [object] = await readObjects(git, [plain])
  if (object === undefined) throw new Error(`the commit ${plain} was made and is not there`)
  const bytes = commit.namesTree === true ? withTree(object.bytes) : object.bytes
  const final = signing === undefined ? bytes : withSignature(bytes, await signing.sign(bytes))
  return git.feed({ stdin: final }, 'hash-object', '-t', 'commit', '-w', '--stdin')
}

function withTree(commit: Buffer): Buffer {
  const tree = commit.toString('latin1', 'tree '.length, commit.indexOf('\n'))
  return Buffer.concat([commit, Buffer.from(`${treeTrailer(tree)}\n`)])
}

/** git-fast-import(1): what stands before each text is its length. */
function importOf(parent: string, { files, message, author, now }: NewCommit): Buffer {
  const who = `${plainly(author.name)} <${plainly(author.email)}> ${Math.floor(now / 1000)} +0000`
  const lines = [`commit ${made}`, 'mark :1', `author ${who}`, `committer ${who}`]
  return Buffer.concat([
    Buffer.from(`${lines.join('\n')}\n`),
    data(message),
    Buffer.from(`from ${parent}\n`),
    ...files.flatMap(({ path, mode, text }) => [Buffer.from(`M ${mode} inline ${quoted(path)}\n`), data(text)]),
    Buffer.from('get-mark :1\ndone\n'),
  ])
}

function data(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')])
}

/** git leaves these out of a name itself. */
function plainly(text: string): string {
  return text.replace(/[\p{Cc}<>]/gu, '').trim()
}

function quoted(path: string): string {
  return path.startsWith('"') ? `"${path.replaceAll(/["\\]/g, (sign) => `\\${sign}`)}"` : path
}

/** The signature is the last header, over all that is there without it (gitformat-signature(5)). */
function withSignature(commit: Buffer, signature: string): Buffer {
  const end = commit.indexOf('\n\n')
  // A tree's name is as long as the hashes of its repository.
  const name = commit.indexOf('\n') > 'tree '.length + 40 ? 'gpgsig-sha256' : 'gpgsig'
  const header = `\n${name} ${signature.trimEnd().replaceAll('\n', '\n ')}`
  return Buffer.concat([commit.subarray(0, end), Buffer.from(header), commit.subarray(end)])
}
