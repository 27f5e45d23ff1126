import type { Change, Publication } from './publication.ts'
import type { FileInCommit, Snapshot } from './snapshot.ts'
import { updateImage } from './update.ts'

/** What an image changes in the files of a commit. */
export interface Changes {
  /** Those that change, with their new text. */
  readonly files: readonly FileInCommit[]
  readonly changes: readonly Change[]
}

/** Several targets may be in one file: each sees what the one before it wrote. @throws SW-GITOPS-TARGET, SW-GITOPS-FILE */
export function changesIn(snapshot: Snapshot, { targets, image }: Pick<Publication, 'targets' | 'image'>): Changes {
  const files = new Map<string, { readonly file: FileInCommit; readonly isChanged: boolean }>()
  const changes: Change[] = []
  for (const target of targets) {
    const { file, isChanged } = files.get(target.file) ?? { file: snapshot.file(target.file), isChanged: false }
    const after = updateImage(file.text, target.address, { image, where: target.file })
    files.set(target.file, { file: { ...file, text: after.text }, isChanged: isChanged || after.isChanged })
    changes.push({ target, before: after.before, isChanged: after.isChanged })
  }
  return { files: [...files.values()].flatMap(({ file, isChanged }) => (isChanged ? [file] : [])), changes }
}
