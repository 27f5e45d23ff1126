import type { Reply } from '../exchange.ts'

/** How a request ended that was not answered as the registry would: the connection's end, or an answer in the middle of the body. */
export class Interruption extends Error {
  override readonly name = 'Interruption'
  readonly how: 'reset' | 'cut' | 'stall' | Reply

  constructor(how: Interruption['how']) {
    super('interrupted by a rule')
    this.how = how
  }
}
