/** The public name of an input, output or task written in camelCase: `imageRef` → `image-ref`. */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The inverse of {@link kebab}: `image-ref` → `imageRef`. */
export function camel(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** The environment variable that carries an input off GitHub: `image-ref` → `INPUT_IMAGE_REF`. Shells drop names with `-`. */
export function inputVariable(name: string): string {
  return `INPUT_${name.toUpperCase().replaceAll('-', '_')}`
}

/** The environment variable that GitHub's runner sets: upper case, blanks as `_`, dashes kept. */
export function runnerInputVariable(name: string): string {
  return `INPUT_${name.toUpperCase().replaceAll(' ', '_')}`
}

/** The environment variable that gives the path of a result file on Tekton: `image-ref` → `RESULT_IMAGE_REF`. */
export function resultVariable(name: string): string {
  return `RESULT_${name.toUpperCase().replaceAll('-', '_')}`
}

/** The Tekton workspace that every task has: the checkout, and `.slipway` in it. */
export const workspaceName = 'source'
