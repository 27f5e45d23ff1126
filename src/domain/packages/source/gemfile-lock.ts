import type { Draft } from '../cataloguer.ts'
import { lockFile } from './lock-file.ts'

/**
 * Bundler's `Gemfile.lock`: sections of sources with their gems. Gems of a path are the project's own. It does not say what is only for
 * development: all is listed.
 */
export const gemfileLock = lockFile(/^(?:Gemfile\.lock|gems\.locked)$/, (content) => {
  const packages: (Draft & { readonly needs: string[] })[] = []
  let section = ''
  for (const line of content.split(/\r?\n/)) {
    if (/^\S/.test(line)) section = line.trim()
    if (section !== 'GEM' && section !== 'GIT' && section !== 'PLUGIN SOURCE') continue
    const [, indent = '', name, written] = /^( {4}| {6})([^\s(]+)(?: \(([^)]*)\))?!?$/.exec(line) ?? []
    if (name === undefined) continue
    if (indent.length === 6) packages.at(-1)?.needs.push(name)
    else packages.push({ type: 'gem', name, key: name, licenses: [], needs: [], ...versionOf(written ?? '') })
  }
  return { packages }
})

/** `1.15.4-x86_64-linux`: a version has no hyphen, and what follows the first is the platform. */
function versionOf(written: string): Pick<Draft, 'version' | 'qualifiers'> {
  const [, version = '', platform] = /^([^-]*)(?:-(.+))?$/.exec(written) ?? []
  return { version, ...(platform === undefined ? {} : { qualifiers: { platform } }) }
}
