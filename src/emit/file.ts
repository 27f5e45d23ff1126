/** A file to write: its path relative to the repository, with `/`, and its whole text. */
export interface EmittedFile {
  readonly path: string
  readonly content: string
}

/** What an emitter needs besides the definition. */
export interface EmitOptions {
  /** The file that declares the task, relative to the repository. */
  readonly source: string
  /** The text of the task's doc.md. */
  readonly doc: string
  /** The package's version: `0.1.0`. */
  readonly version: string
  /** The image that holds the bundles, with tag and digest. */
  readonly image: string
}

/** The sentence that every generated file begins with. */
export function notice(source: string): string {
  return `Generated from ${source} by \`npm run emit\`. Do not edit.`
}

/** Whether a file's text says of itself that it is generated, so that it may be replaced or removed. */
export function isGenerated(content: string): boolean {
  return /Generated from .+ by `npm run emit`\. Do not edit\./.test(content.slice(0, 400))
}
