import { expect, test } from '@jest/globals'
import { withReporter } from './node-reporter.ts'

const reporter = new URL('file:///w/with%20blank/node-reporter.mjs')
const ours = '--test-reporter=file:///w/with%20blank/node-reporter.mjs --test-reporter-destination=stdout'

test.each([
  {
    when: 'nobody names a reporter',
    existing: '',
    scripts: 'node --test',
    options: `--test-reporter=spec --test-reporter-destination=stdout ${ours}`,
  },
  {
    when: 'there are other options',
    existing: '--max-old-space-size=4096',
    scripts: '',
    options: `--max-old-space-size=4096 --test-reporter=spec --test-reporter-destination=stdout ${ours}`,
  },
  {
    when: 'the script names reporters, each with a destination',
    existing: '',
    scripts: 'node --test --test-reporter=spec --test-reporter-destination=stdout --test-reporter junit --test-reporter-destination r.xml',
    options: ours,
  },
  // Node: '--test-reporter' must match the number of specified '--test-reporter-destination'.
  { when: 'the script names one without a destination', existing: '', scripts: 'node --test --test-reporter=dot', options: undefined },
  { when: 'NODE_OPTIONS names one', existing: '--test-reporter=tap', scripts: '', options: undefined },
])('when $when', ({ existing, scripts, options }) => {
  expect(withReporter({ existing, scripts, reporter })).toBe(options)
})
