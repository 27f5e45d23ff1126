import { dump } from 'js-yaml'

/** One document of YAML with its mark before it, so that several can follow one another. */
export function yaml(document: object): string {
  return `---\n${dump(document, { noRefs: true, lineWidth: -1 })}`
}
