import { load, YAMLException } from 'js-yaml'
import * as v from 'valibot'
import { readText } from '../../../io/files.ts'
import { faultFileInvalid } from '../errors.ts'
import type { Rule } from './rule.ts'
import { faultFile } from './schema.ts'

/** In bytes. */
const longest = 1024 * 1024
const mostIssues = 10

/** Reads the rules of a YAML or JSON file. @throws SW-FAULT-FILE with everything that is wrong, SW-FILE-* */
export async function readFaultFile(path: string): Promise<readonly Rule[]> {
  return parseFaults(await readText(path, longest), path)
}

/** The rules of a text; `where` names it in errors. @throws SW-FAULT-FILE */
export function parseFaults(text: string, where: string): readonly Rule[] {
  const parsed = v.safeParse(faultFile, loaded(text, where))
  if (parsed.success) return parsed.output.rules
  const lines = parsed.issues.slice(0, mostIssues).map((issue) => `  ${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`)
  throw faultFileInvalid([`${where} cannot be used:`, ...lines].join('\n'))
}

function loaded(text: string, where: string): unknown {
  try {
    return load(text, { maxDepth: 20, maxAliases: 0 })
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause
    throw faultFileInvalid(`${where} is no YAML: line ${(cause.mark?.line ?? 0) + 1}: ${cause.reason}.`, { cause })
  }
}
