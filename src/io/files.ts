/** The one door to the file system. */
export {
  compareBytes,
  exists,
  type FileFacts,
  type FileKind,
  facts,
  factsOrNothing,
  type ListedFile,
  list,
  sortByBytes,
  type WalkedFile,
  type WalkOptions,
  walk,
  walkAll,
} from './file-facts.ts'
export { openRanges, type RangeReader } from './file-ranges.ts'
export {
  openRead,
  openSyncReader,
  readBytes,
  readJson,
  readPiecesSync,
  readSmallSync,
  readText,
  type SyncReader,
  streamPiece,
} from './file-read.ts'
export { identityOf, stampOf } from './file-stamp.ts'
export {
  appendLine,
  ensureFolder,
  linkOrCopy,
  move,
  removeTree,
  removeTreeSync,
  type StreamWriteOptions,
  touch,
  type WriteOptions,
  writeAtomic,
  writeNew,
  writeStream,
} from './file-write.ts'
export { isInside, resolveInside } from './inside.ts'
export { type PipeLimits, pipeAt, readPipe } from './pipe-read.ts'
export { createPlaces, TemporaryFolders } from './places.ts'
