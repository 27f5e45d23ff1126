import { beginToOpen } from '../../domain/sigstore/sign/open-key.ts'
import { implement } from '../../spec/define.ts'
import { task } from './task.ts'

export const run = implement(task, async (input, context) => {
  // A password takes a quarter of a second, on a thread, to become a key: what signs with it is loaded meanwhile.
  const opening = beginToOpen(input, context)
  const { signingWith } = await import('./signing.ts')
  return signingWith(opening)(input, context)
})
