import { resolve } from 'node:path'
import { policyEmpty } from '../../domain/sigstore/verify/errors.ts'
import { checkPolicy, type PolicyDocument, parsePolicy } from '../../domain/sigstore/verify/policy-document.ts'
import { readText } from '../../io/files.ts'
import type { InputOf } from '../../spec/define.ts'
import type { task } from './task.ts'

type Input = InputOf<typeof task>

const mostPolicy = 256 * 1024

/** The policy that the inputs ask for, or the file that they name. Trusted roots of the inputs count where the file names none. */
export async function askedPolicy(
  input: Input,
  { workspace, trustedRoot }: { readonly workspace: string; readonly trustedRoot: string | undefined },
): Promise<PolicyDocument> {
  const given =
    input.policy === undefined ? fromInputs(input) : parsePolicy(await readText(resolve(workspace, input.policy), mostPolicy), input.policy)
  const roots =
    [given['trusted-roots'], input.trustedRoot, trustedRoot === undefined ? [] : [trustedRoot]].find((names) => names.length > 0) ?? []
  return { ...given, 'trusted-roots': [...roots] }
}

function fromInputs(input: Input): PolicyDocument {
  const { issuer, repository, workflow, ref, trigger, runner } = input
  const claims = present({ 'identity-regexp': input.identityRegexp, issuer, repository, workflow, ref, trigger, runner })
  const identities =
    input.identity.length === 0 && issuer !== undefined ? [claims] : input.identity.map((identity) => ({ ...claims, identity }))
  const signers = [...input.key.map((key) => ({ key })), ...identities]
  if (signers.length === 0) {
    throw policyEmpty('No `key`, `identity`, `repository` or `policy` is given: every image would pass.', {
      hint: 'identity: https://github.com/OWNER/REPOSITORY/.github/workflows/FILE@refs/heads/main, with its issuer',
    })
  }
  return checkPolicy(
    present({ signers, log: input.log, 'docker-reference': input.dockerReference, 'max-age': age(input.maxAge), require: required(input) }),
    'the inputs',
  )
}

function required({ require, builder, source }: Input): readonly object[] {
  const isProvenance = builder !== undefined || source !== undefined
  const others = require.filter((predicate) => !(isProvenance && predicate === 'slsa-provenance')).map((predicate) => ({ predicate }))
  return isProvenance ? [...others, present({ predicate: 'slsa-provenance', builder, source })] : others
}

function age(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : `${milliseconds}ms`
}

function present<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Partial<T>
}
