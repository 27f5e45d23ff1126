import { runCommand } from '../shared/index.js'
await runCommand()
