/** A set of texts that a regular expression describes, whole: there is no way to describe a part. */
export interface Regular {
  /** Takes time in the product of the lengths of text and expression, whatever they are: all ways are followed at once. */
  accepts(text: string): boolean
  /** The offsets up to which a text is accepted, in the time of one {@link accepts}. */
  ends(text: string): ReadonlySet<number>
  /** The offsets from which on a text is accepted, in the time of one {@link accepts}. */
  starts(text: string): ReadonlySet<number>
}

/** Why an expression is not one of ours, and where: from 0. */
export class NotRegular extends Error {
  override readonly name = 'NotRegular'
}

type Accepts = (letter: string) => boolean
type State =
  | { readonly kind: 'letter'; readonly accepts: Accepts; readonly next: State }
  | { readonly kind: 'fork'; readonly to: State[] }
  | { readonly kind: 'end' }
/** What is left to describe, made into states that lead to what comes after it. */
type Part = (next: State) => State

const most = { expression: 1000, repeats: 100, states: 10_000, depth: 20 } as const
const classes: Readonly<Record<string, Accepts>> = {
  d: (letter) => /^[0-9]$/.test(letter),
  w: (letter) => /^[A-Za-z0-9_]$/.test(letter),
}

/**
 * Reads letters, `.`, `[a-z]`, `\d`, `\w`, groups, `|` and the repeats `* + ? {n} {n,m}`. What would have to try back (references,
 * lookaround) is no part of it; `^` and `$` may stand at the ends, where they mean nothing new. Throws {@link NotRegular}.
 */
export function parseRegular(expression: string): Regular {
  if (expression.length > most.expression) throw new NotRegular(`it has more than ${most.expression} characters`)
  const reader = new Reader(expression.replace(/^\^/, '').replace(/(?<!\\)\$$/, ''))
  const end: State = { kind: 'end' }
  const start = reader.whole()(end)
  const ends = (text: string): ReadonlySet<number> => {
    const offsets = new Set<number>()
    let [current, at] = [closure([start]), 0]
    if (current.has(end)) offsets.add(at)
    for (const letter of text) {
      current = closure([...current].flatMap((state) => (state.kind === 'letter' && state.accepts(letter) ? [state.next] : [])))
      at += letter.length
      if (current.has(end)) offsets.add(at)
    }
    return offsets
  }
  return { ends, accepts: (text) => ends(text).has(text.length), starts: (text) => startsIn(text, { start, end }) }
}

/** The same backwards: from the end to the states that lead there. */
function startsIn(text: string, { start, end }: { readonly start: State; readonly end: State }): ReadonlySet<number> {
  const leading = leadingTo(start)
  const offsets = new Set<number>()
  let [current, at] = [backwards([end], leading), text.length]
  if (current.has(start)) offsets.add(at)
  for (const letter of [...text].reverse()) {
    const before = [...current].flatMap((state) => leading.get(state)?.letters ?? []).filter((state) => state.accepts(letter))
    current = backwards(before, leading)
    at -= letter.length
    if (current.has(start)) offsets.add(at)
  }
  return offsets
}

interface Leading {
  readonly letters: Extract<State, { kind: 'letter' }>[]
  readonly forks: State[]
}

/** For each state those that lead to it, by a letter or without one. */
function leadingTo(start: State): ReadonlyMap<State, Leading> {
  const leading = new Map<State, Leading>()
  const of = (state: State): Leading => {
    const known = leading.get(state) ?? { letters: [], forks: [] }
    leading.set(state, known)
    return known
  }
  const waiting = [start]
  const seen = new Set<State>()
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (seen.has(state) || state.kind === 'end') continue
    seen.add(state)
    if (state.kind === 'letter') of(state.next).letters.push(state)
    else for (const one of state.to) of(one).forks.push(state)
    waiting.push(...(state.kind === 'letter' ? [state.next] : state.to))
  }
  return leading
}

function backwards(states: readonly State[], leading: ReadonlyMap<State, Leading>): ReadonlySet<State> {
  const reached = new Set<State>()
  const waiting = [...states]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (reached.has(state)) continue
    reached.add(state)
    waiting.push(...(leading.get(state)?.forks ?? []))
  }
  return reached
}

/** All states that can be reached without a letter. */
function closure(states: readonly State[]): ReadonlySet<State> {
  const reached = new Set<State>()
  const waiting = [...states]
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    if (reached.has(state)) continue
    reached.add(state)
    if (state.kind === 'fork') waiting.push(...state.to)
  }
  return reached
}

class Reader {
  readonly #letters: readonly string[]
  #at = 0
  #depth = 0
  #states = 0

  constructor(expression: string) {
    this.#letters = [...expression]
  }

  whole(): Part {
    const part = this.#choice()
    if (this.#at < this.#letters.length) throw this.#refuse('a group is closed that was not opened')
    return part
  }

  #choice(): Part {
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    const [only] = parts
    return only !== undefined && parts.length === 1 ? only : (next) => this.#fork(parts.map((part) => part(next)))
  }

  #sequence(): Part {
    const parts: Part[] = []
    while (this.#at < this.#letters.length && !this.#is('|') && !this.#is(')')) parts.push(this.#repeated())
    return (next) => parts.reduceRight((after, part) => part(after), next)
  }

  #repeated(): Part {
    const part = this.#one()
    if (this.#take('*')) return this.#ended(this.#times(part, 0, Number.POSITIVE_INFINITY))
    if (this.#take('+')) return this.#ended(this.#times(part, 1, Number.POSITIVE_INFINITY))
    if (this.#take('?')) return this.#ended(this.#times(part, 0, 1))
    if (!this.#take('{')) return part
    const least = this.#number()
    const highest = this.#take(',') ? (this.#is('}') ? Number.POSITIVE_INFINITY : this.#number()) : least
    if (!this.#take('}') || highest < least) throw this.#refuse('a repeat is not {n}, {n,} or {n,m}')
    return this.#ended(this.#times(part, least, highest))
  }

  /** After a repeat another one would be a lazy or possessive one, or none at all. */
  #ended(part: Part): Part {
    if (['*', '+', '?', '{'].some((mark) => this.#is(mark))) throw this.#refuse('a repeat is repeated')
    return part
  }

  #times(part: Part, least: number, highest: number): Part {
    const optional: Part = (next) => this.#fork([part(next), next])
    const endless: Part = (next) => {
      const fork = this.#fork([next])
      fork.to.push(part(fork))
      return fork
    }
    const after = highest === Number.POSITIVE_INFINITY ? [endless] : Array.from({ length: highest - least }, () => optional)
    const all = [...Array.from({ length: least }, () => part), ...after]
    return (next) => all.reduceRight((rest, one) => one(rest), next)
  }

  #one(): Part {
    const letter = this.#next()
    if (letter === '(') return this.#group()
    if (letter === '[') return this.#letter(this.#set())
    if (letter === '.') return this.#letter((one) => one !== '\n')
    if (letter === '\\') return this.#letter(this.#escaped())
    if ('*+?{}])^$'.includes(letter)) throw this.#refuse(`"${letter}" stands where it means nothing; write \\${letter} for the letter`)
    return this.#letter((one) => one === letter)
  }

  #group(): Part {
    this.#depth += 1
    if (this.#depth > most.depth) throw this.#refuse(`groups are more than ${most.depth} deep`)
    if (this.#take('?') && !this.#take(':')) throw this.#refuse('a group looks around or has a name')
    const part = this.#choice()
    if (!this.#take(')')) throw this.#refuse('a group is not closed')
    this.#depth -= 1
    return part
  }

  #set(): Accepts {
    const isOther = this.#take('^')
    const members: Accepts[] = []
    while (!this.#is(']')) members.push(this.#member())
    this.#at += 1
    if (members.length === 0) throw this.#refuse('a set is empty')
    return (letter) => members.some((member) => member(letter)) !== isOther
  }

  #member(): Accepts {
    const from = this.#next()
    if (from === '\\') return this.#escaped()
    if (!this.#is('-') || this.#letters[this.#at + 1] === ']') return (letter) => letter === from
    this.#at += 1
    const to = this.#next()
    if (to === '\\' || to < from) throw this.#refuse('a range is not from one letter up to another')
    return (letter) => from <= letter && letter <= to
  }

  #escaped(): Accepts {
    const letter = this.#next()
    const known = classes[letter]
    if (known !== undefined) return known
    if (/^[A-Za-z0-9]$/.test(letter)) throw this.#refuse(`\\${letter} is not known`)
    return (one) => one === letter
  }

  #letter(accepts: Accepts): Part {
    return (next) => this.#counted({ kind: 'letter', accepts, next })
  }

  #fork(to: State[]): Extract<State, { kind: 'fork' }> {
    return this.#counted({ kind: 'fork', to })
  }

  #counted<S extends State>(state: S): S {
    this.#states += 1
    if (this.#states > most.states) throw new NotRegular('its repeats multiply beyond measure')
    return state
  }

  #number(): number {
    let digits = ''
    while (/^[0-9]$/.test(this.#letters[this.#at] ?? '') && digits.length < 4) digits += this.#next()
    if (digits === '' || Number(digits) > most.repeats) throw this.#refuse(`a repeat has a number from 0 to ${most.repeats}`)
    return Number(digits)
  }

  #is(letter: string): boolean {
    return this.#letters[this.#at] === letter
  }

  #take(letter: string): boolean {
    if (!this.#is(letter)) return false
    this.#at += 1
    return true
  }

  #next(): string {
    const letter = this.#letters[this.#at]
    if (letter === undefined) throw this.#refuse('it ends too early')
    this.#at += 1
    return letter
  }

  #refuse(why: string): NotRegular {
    return new NotRegular(`${why} (at ${this.#at})`)
  }
}
