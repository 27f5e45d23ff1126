interface Folder<T> {
  readonly folders: Map<string, Folder<T>>
  readonly files: Map<string, T>
}

/** What is kept of an image's files, by path: a folder goes with all below it in as many steps as its path has parts. */
export class FileTree<T> {
  readonly #root: Folder<T> = emptyFolder()

  /** Puts a file at a path, in place of whatever was there. */
  set(path: string, value: T): void {
    const { parents, name } = split(path)
    let folder = this.#root
    for (const part of parents) {
      folder.files.delete(part)
      const next: Folder<T> = folder.folders.get(part) ?? emptyFolder()
      folder.folders.set(part, next)
      folder = next
    }
    folder.folders.delete(name)
    folder.files.set(name, value)
  }

  get(path: string): T | undefined {
    const { parents, name } = split(path)
    return this.#folder(parents)?.files.get(name)
  }

  /** Removes a file, or a folder with all below it. */
  remove(path: string): void {
    const { parents, name } = split(path)
    const folder = this.#folder(parents)
    folder?.files.delete(name)
    folder?.folders.delete(name)
  }

  /** Removes a file, and leaves a folder of that path alone. */
  removeFile(path: string): void {
    const { parents, name } = split(path)
    this.#folder(parents)?.files.delete(name)
  }

  /** Empties a folder; `''` is the root. */
  empty(path: string): void {
    const folder = this.#folder(path === '' ? [] : path.split('/'))
    folder?.files.clear()
    folder?.folders.clear()
  }

  /** All files with their paths, in no order. */
  *entries(): Generator<readonly [string, T]> {
    const waiting: (readonly [string, Folder<T>])[] = [['', this.#root]]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const [prefix, folder] = next
      for (const [name, value] of folder.files) yield [`${prefix}${name}`, value]
      for (const [name, below] of folder.folders) waiting.push([`${prefix}${name}/`, below])
    }
  }

  #folder(parts: readonly string[]): Folder<T> | undefined {
    let folder: Folder<T> | undefined = this.#root
    for (const part of parts) folder = folder?.folders.get(part)
    return folder
  }
}

function emptyFolder<T>(): Folder<T> {
  return { folders: new Map(), files: new Map() }
}

function split(path: string): { readonly parents: readonly string[]; readonly name: string } {
  const parts = path.split('/')
  return { parents: parts.slice(0, -1), name: parts.at(-1) ?? '' }
}
