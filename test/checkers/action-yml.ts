/** The rules of the runner for an `action.yml` (actions/runner action_yaml.json, ActionManifestManager), and those of the Marketplace. */
import * as v from 'valibot'
import { misshapen } from './shape.ts'

const filled = v.pipe(v.string(), v.nonEmpty())
const name = v.pipe(v.string(), v.regex(/^[_a-z][a-z0-9_-]*$/, 'expected letters, digits, - and _'))

/** Some of the Feather icons that the Marketplace takes; add the one you need. It refuses others, and a few of Feather's own. */
const icons = [
  'activity alert-circle anchor archive award bar-chart book box check check-circle check-square clipboard clock cloud code',
  'compass copy cpu database disc download download-cloud edit eye fast-forward feather file-text filter flag folder git-branch',
  'git-commit git-merge git-pull-request globe grid hard-drive hash layers layout life-buoy link list lock map package pen-tool',
  'percent pie-chart play play-circle refresh-cw repeat search send server settings share-2 shield shuffle sliders star tag',
  'target terminal thumbs-up trending-up truck umbrella unlock upload upload-cloud user-check wind zap',
].flatMap((line) => line.split(' '))

const action = v.strictObject({
  name: filled,
  description: filled,
  author: v.optional(filled),
  branding: v.optional(
    v.strictObject({
      icon: v.picklist(icons),
      color: v.picklist(['white', 'black', 'yellow', 'blue', 'green', 'orange', 'red', 'purple', 'gray-dark']),
    }),
  ),
  inputs: v.optional(
    v.record(
      name,
      v.strictObject({
        description: filled,
        required: v.optional(v.boolean()),
        default: v.optional(v.string()),
        deprecationMessage: v.optional(filled),
      }),
    ),
  ),
  outputs: v.optional(v.record(name, v.strictObject({ description: filled }))),
  runs: v.strictObject({
    using: v.literal('node24'),
    main: filled,
    pre: v.optional(filled),
    'pre-if': v.optional(filled),
    post: v.optional(filled),
    'post-if': v.optional(filled),
  }),
})

/** Every reason for which the runner, or the Marketplace, would not take the file; composites and containers are not for us. */
export function actionViolations(file: unknown): readonly string[] {
  const shape = misshapen(action, file)
  if (shape.length > 0) return shape
  const { inputs = {} } = file as v.InferOutput<typeof action>
  return Object.entries(inputs).flatMap(([input, { required, default: value }]) => [
    ...(required === true && value !== undefined ? [`inputs.${input}: required, and has a default`] : []),
    // The runner evaluates expressions in defaults: what is meant as text would be run.
    ...(value?.includes('${{') === true ? [`inputs.${input}: the default is an expression`] : []),
  ])
}
