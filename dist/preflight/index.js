import { runTask } from '../shared/index.js'
await runTask('preflight')
