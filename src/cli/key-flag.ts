/** Whether an argument gives a key to a task, or to a step of a road: `--key`, `--sign.key`. */
export function namesKey(word: string): boolean {
  return /^--(?:[a-z-]+\.)?key(?:=|$)/.test(word)
}
