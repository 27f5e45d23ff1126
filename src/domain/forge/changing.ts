import type { ForgeClient } from './client.ts'
import type { Draft, Forge } from './forge.ts'
import { peopleAndTeams } from './reviewers.ts'

type Change = Partial<Draft> & { readonly state?: 'closed' }

/** What becomes of a pull request that is open, where the API is GitHub's, as Gitea's is in this. `root` is the path of the repository. */
export function changing(client: Pick<ForgeClient, 'send'>, root: string): Pick<Forge, 'rewrite' | 'close' | 'label' | 'askReview'> {
  return {
    rewrite: ({ number }, texts) => patch(number, texts, 'change a pull request'),
    async close({ number }, why) {
      await client.send({ method: 'POST', path: `${root}/issues/${number}/comments`, body: { body: why }, doing: 'comment' })
      await patch(number, { state: 'closed' }, 'close a pull request')
    },
    async label({ number }, labels) {
      await client.send({
        ...{ method: 'POST', path: `${root}/issues/${number}/labels`, body: { labels }, doing: 'label a pull request', idempotent: true },
      })
    },
    async askReview({ number }, reviewers) {
      const { people, teams } = peopleAndTeams(reviewers)
      const body = { reviewers: people, team_reviewers: teams }
      await client.send({ method: 'POST', path: `${root}/pulls/${number}/requested_reviewers`, body, doing: 'ask for a review' })
    },
  }

  async function patch(number: number, body: Change, doing: string): Promise<void> {
    await client.send({ method: 'PATCH', path: `${root}/pulls/${number}`, body, doing, idempotent: true })
  }
}
