/** Names of people, and of teams without their organisation: `acme/platform` is a team. */
export function peopleAndTeams(reviewers: readonly string[]): { readonly people: readonly string[]; readonly teams: readonly string[] } {
  return {
    people: reviewers.filter((name) => !name.includes('/')),
    teams: reviewers.filter((name) => name.includes('/')).map((name) => name.slice(name.lastIndexOf('/') + 1)),
  }
}
