import type { NodeProject } from './node-project.ts'

/** The test tools that npm scripts call and that can be told to write a report. */
const knownTools = ['jest', 'vitest', 'mocha', 'ava', 'tap'] as const
export type ToolName = (typeof knownTools)[number]

/**
 * The tool that takes arguments put at the end of a script: the only one named in it, and in its last command.
 * `c8 mocha` is mocha; `jest && eslint .` is none, and so is `jest a && jest b`, whose second report would hide the first.
 */
export function toolOf(script: string): ToolName | undefined {
  const commands = script.split(/&&|\|\||[;|&]/)
  const named = commands.flatMap((command, index) => toolsIn(command).map((tool) => ({ tool, last: index === commands.length - 1 })))
  const [only] = named
  return named.length === 1 && only?.last === true ? only.tool : undefined
}

/** A script with those that it runs by name, for looking at all their options. */
export function wholeScript(name: string, scripts: NodeProject['scripts'], seen: ReadonlySet<string> = new Set()): string {
  if (seen.has(name)) return ''
  const own = [`pre${name}`, name, `post${name}`].map((one) => scripts[one] ?? '').join(' ')
  const called = [...own.matchAll(/\b(?:npm|pnpm|yarn)\s+(?:run(?:-script)?\s+|-s\s+|--silent\s+)*([\w:.-]+)/g)]
  return [own, ...called.map(([, other = '']) => wholeScript(other, scripts, new Set([...seen, name])))].join(' ')
}

/** `node_modules/jest/bin/jest.js` and `node_modules/.bin/jest` are jest; `--config jest.config.js` is not. */
function toolsIn(command: string): ToolName[] {
  const words = command.trim().split(/\s+/)
  const programs = words.filter((word, index) => !word.startsWith('-') && !isValue(words[index - 1]))
  return knownTools.filter((tool) => programs.some((word) => new RegExp(`(?:^|/)_?${tool}(?:\\.[cm]?js)?$`).test(word)))
}

function isValue(before: string | undefined): boolean {
  return before !== undefined && /^--?(?:c|config|r|require|reporter|test-reporter)$/.test(before)
}
