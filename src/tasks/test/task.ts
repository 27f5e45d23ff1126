import { formats } from '../../domain/testreport/model.ts'
import { fileMalformed, fileMissing, pathOutside, processNotFound, processNotStarted } from '../../io/errors.ts'
import { defineTask } from '../../spec/define.ts'
import { boolean, choice, duration, integer, list, path, text } from '../../spec/kinds.ts'
import { out } from '../../spec/output.ts'
import { testErrors } from './errors.ts'
import { percent } from './percent.ts'

export const task = defineTask({
  name: 'test',
  summary: 'Run the project’s tests and read their reports; fail when a test fails, when there is none, or when too few lines are covered.',
  reads: [],
  writes: ['tests'],
  inputs: {
    command: list({
      default: [],
      split: 'lines',
      summary:
        'The test command: a program and its arguments, one a line or as a JSON array. It runs without a shell unless you name one. Default: detected from the project (npm, pnpm, yarn, Maven, Gradle, .NET, Go, Cargo, pytest).',
      example: '["npm", "run", "test:ci"]',
    }),
    workingDirectory: path({ default: '.', summary: 'Folder of the project, relative to the workspace. All other paths start there.' }),
    reports: list({
      default: [],
      summary:
        'Globs of the reports that the tests write, relative to the working directory. Default: the report that Slipway makes the tool write where it knows how, else the usual places.',
      example: 'reports/*.xml',
    }),
    format: choice(['auto', ...formats], {
      default: 'auto',
      summary:
        'Format of the reports: JUnit XML, TAP, `go test -json`, `jest --json`, TRX or the text of `cargo test`. `auto` tells it from the content of each.',
    }),
    coverage: list({
      default: [],
      summary:
        'Globs of coverage reports: lcov, Cobertura, JaCoCo, Go profiles. Several are merged line by line. Default: the usual places.',
      example: 'coverage/lcov.info',
    }),
    minCoverage: percent({ optional: true, summary: 'Fail below this percentage of covered lines.', example: '80' }),
    retries: integer({
      default: 0,
      max: 10,
      summary:
        'How often to run the command again while it fails. A test that failed and then passed counts as passed, and is reported as flaky.',
    }),
    failOnNoTests: boolean({ default: true, summary: 'Fail when no report contains a test, even if the command succeeded.' }),
    annotate: boolean({ default: true, summary: 'Annotate each failure on its file and line.' }),
    timeout: duration({
      optional: true,
      summary: 'End each run of the command, with all processes it started, after this time.',
      example: '15m',
    }),
    collectOnly: boolean({ default: false, summary: 'Run nothing: judge the reports and the exit code that another step has left.' }),
    exitCode: text({
      optional: true,
      summary: 'With `collect-only`: the exit code of the command that ran elsewhere, or the path of a file that holds it.',
      example: '1',
    }),
  },
  outputs: {
    passed: out.integer({ summary: 'Number of tests that passed.' }),
    failed: out.integer({ summary: 'Number of tests that failed or broke.' }),
    skipped: out.integer({ summary: 'Number of tests that were skipped.' }),
    flaky: out.integer({ summary: 'Number of passed tests that had failed before.' }),
    coverage: out.number({ summary: 'Percentage of covered lines with one decimal, rounded down; empty when not measured.' }),
  },
  rules: [{ requires: ['exitCode', 'collectOnly'] }],
  errors: [...testErrors, processNotFound, processNotStarted, fileMissing, fileMalformed, pathOutside],
  environment: ['NODE_OPTIONS'],
  hosts: {
    github: { icon: 'check-circle', color: 'green' },
    tekton: {
      resources: { cpu: '500m', memory: '1Gi', memoryLimit: '4Gi' },
      userStep: {
        command: 'command',
        exitCode: 'exitCode',
        judgeOnly: 'collectOnly',
        workingDirectory: 'workingDirectory',
        omit: ['retries', 'timeout'],
      },
      testOutput: 'counts',
    },
  },
})
