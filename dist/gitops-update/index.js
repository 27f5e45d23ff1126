import { runTask } from '../shared/index.js'
await runTask('gitops-update')
