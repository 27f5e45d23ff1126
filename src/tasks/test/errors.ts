import { defineError } from '../../base/errors.ts'

export const testsFailed = defineError({
  code: 'SW-TEST-FAILED',
  fault: 'policy',
  title: 'Tests failed, or the test command did.',
  causes: [
    'The code does not do what its tests expect.',
    'A test depends on time, order, network or another test: it is flaky.',
    'The command ended before all tests ran: a crash, a compile error, too little memory.',
  ],
  fix: 'Run the command that the message names again in its folder, and mend the first failure. `retries: 1` tells flaky tests from broken ones.',
})

export const noTests = defineError({
  code: 'SW-TEST-NONE',
  fault: 'input',
  title: 'Nothing says that any test ran.',
  causes: [
    'The test tool writes no report that a machine can read, or writes it where nobody looks.',
    'A filter, or the wrong working directory, leaves no test.',
    'The reports that were found are older than this run.',
  ],
  fix: 'Let the tool write JUnit XML and give its path: `reports: reports/junit.xml`. `fail-on-no-tests: false` trusts the exit code alone.',
})

export const reportBroken = defineError({
  code: 'SW-TEST-REPORT-BROKEN',
  fault: 'tool',
  title: 'A test or coverage report cannot be trusted.',
  causes: [
    'The test process was killed or the disk was full while it was written.',
    'The path names a file of another kind.',
    'Two processes wrote to the same file.',
  ],
  fix: 'Read the report that the message names; give each process its own report file, and the path of reports only.',
})

export const noRunner = defineError({
  code: 'SW-TEST-NO-RUNNER',
  fault: 'input',
  title: 'There is no project here whose tests Slipway knows how to run.',
  causes: [
    'The project is in a folder below, which `working-directory` must name.',
    'Its test tool is not one that Slipway detects.',
    'It has no tests: a chart, pages.',
  ],
  fix: 'Give the command (`command: make check`, for a road `--test.command "make check"`) or the folder (`working-directory: service`). What has no tests has a `slipway.yaml` whose tasks begin with `build`.',
})

export const commandUnusable = defineError({
  code: 'SW-TEST-COMMAND',
  fault: 'input',
  title: 'The inputs do not say which tests to judge.',
  causes: [
    '`command` was given together with `collect-only: true`, which runs nothing.',
    '`exit-code` is neither a number nor the path of a file that holds one.',
  ],
  fix: 'Give `command` to run tests, or `collect-only: true` with `reports` and `exit-code` to judge tests that ran elsewhere.',
})

export const testsTimedOut = defineError({
  code: 'SW-TEST-TIMEOUT',
  fault: 'tool',
  title: 'The tests did not end in the time given to them.',
  causes: [
    'A test waits for something that never comes.',
    'A process that a test started keeps the command open.',
    'The limit is too short.',
  ],
  fix: 'Look at the test that ran last in the log; raise `timeout` when the tests truly take longer.',
})

export const coverageLow = defineError({
  code: 'SW-TEST-COVERAGE-LOW',
  fault: 'policy',
  title: 'The tests run fewer lines than asked for.',
  causes: ['New code has no tests.', 'A coverage report of a part of the project is missing.'],
  fix: 'Test what is new, or lower `min-coverage` in a change of its own.',
})

export const coverageMissing = defineError({
  code: 'SW-TEST-COVERAGE-MISSING',
  fault: 'input',
  title: 'A minimum of coverage was asked for, but no report says how much there is.',
  causes: ['The test tool was not told to measure coverage.', 'Its report stands where nobody looks, or is older than this run.'],
  fix: 'Let the tool write lcov, Cobertura, JaCoCo or a Go profile, and give its path: `coverage: coverage/lcov.info`.',
})

export const testErrors = [
  testsFailed,
  noTests,
  reportBroken,
  noRunner,
  commandUnusable,
  testsTimedOut,
  coverageLow,
  coverageMissing,
] as const
