import { describe, expect, test } from '@jest/globals'
import { readBytes } from '../../io/files.ts'
import { framesOf } from './frames.ts'
import { type Ground, locate, type Place } from './locate.ts'
import { labelOf, type TestCase } from './model.ts'
import { readReport } from './read.ts'

const ground = (workspace: string, files: readonly string[], bases = ['']): Ground => ({
  workspace,
  bases,
  exists: async (path) => files.includes(path),
})

const placeIn = async (report: string, label: string, where: Ground): Promise<Place | undefined> => {
  const { cases } = await readReport([await readBytes(new URL(`./fixtures/${report}`, import.meta.url).pathname)], { name: report })
  const found = cases.find((one) => labelOf(one) === label && one.status !== 'passed')
  return found === undefined ? undefined : locate(found, where)
}

const failed = (more: Partial<TestCase>): TestCase => ({ suite: '', name: 'a', status: 'failed', duration: 0, ...more })

/** The reports name the folder /srv/checkout, where they were made. */
const places = [
  { report: 'junit/node-24.xml', label: 'with subtests › two', workspace: '/srv/checkout/node', file: 'test/math.test.js', line: 15 },
  { report: 'junit/node-20.xml', label: 'test › two', workspace: '/srv/checkout/node', file: 'test/math.test.js', line: 15 },
  { report: 'tap/node-24.tap', label: 'with subtests › two', workspace: '/srv/checkout/node', file: 'test/math.test.js', line: 15 },
  { report: 'jest/jest-30.json', label: 'cart › fails', workspace: '/srv/checkout/js', file: 'jest/cart.test.js', line: 6 },
  {
    report: 'jest/jest-30.json',
    label: '/srv/checkout/js/jest/broken.test.js',
    workspace: '/srv/checkout/js',
    file: 'jest/broken.test.js',
    line: undefined,
  },
  { report: 'jest/vitest-4.json', label: 'cart › fails', workspace: '/srv/checkout/js', file: 'vitest/cart.test.ts', line: 5 },
  { report: 'junit/jest-junit.xml', label: 'cart fails', workspace: '/srv/checkout/js', file: 'jest/cart.test.js', line: 6 },
  {
    report: 'junit/pytest-xunit2.xml',
    label: 'tests.test_math › test_fails',
    workspace: '/srv/checkout/py',
    file: 'tests/test_math.py',
    line: 15,
  },
  {
    report: 'junit/pytest-xunit1.xml',
    label: 'tests.test_math › test_error',
    workspace: '/srv/checkout/py',
    file: 'tests/test_math.py',
    line: 35,
  },
  {
    report: 'junit/pytest-xunit2.xml',
    label: 'tests.test_math.TestClass › test_method',
    workspace: '/srv/checkout/py',
    file: 'tests/test_math.py',
    line: 54,
  },
  {
    report: 'junit/surefire.xml',
    label: 'com.acme.shop.CartTest › throwsInside',
    workspace: '/srv/checkout/java',
    file: 'src/test/java/com/acme/shop/CartTest.java',
    line: 29,
  },
  {
    report: 'junit/surefire.xml',
    label: 'com.acme.shop.CartTest › fails',
    workspace: '/srv/checkout/java',
    file: 'src/test/java/com/acme/shop/CartTest.java',
    line: 24,
  },
  { report: 'libtest/cargo-1.95.txt', label: 'tests › fails', workspace: '/srv/checkout/rust', file: 'src/lib.rs', line: 24 },
  { report: 'tap/test-more.tap', label: 'inner › two', workspace: '/srv/checkout/perl', file: 't/cart.t', line: 7 },
  { report: 'trx/dotnet.trx', label: 'Shop.Tests.CartTests › Fails', workspace: '/src', file: 'Shop.Tests/CartTests.cs', line: 27 },
  { report: 'junit/phpunit.xml', label: 'Acme.Shop.CartTest › testBreaks', workspace: '/elsewhere', file: 'tests/CartTest.php', line: 22 },
  { report: 'junit/googletest.xml', label: 'CartTest › Fails', workspace: '/src', file: 'cart_test.cc', line: 10 },
]

const tree = [
  'test/math.test.js',
  'jest/cart.test.js',
  'jest/broken.test.js',
  'vitest/cart.test.ts',
  'tests/test_math.py',
  'src/test/java/com/acme/shop/CartTest.java',
  'src/main/java/com/acme/shop/Cart.java',
  'src/lib.rs',
  't/cart.t',
  'Shop.Tests/CartTests.cs',
  'tests/CartTest.php',
  'src/Cart.php',
  'cart_test.cc',
]

test.each(places)('$report: $label fails at $file:$line', async ({ report, label, workspace, file, line }) => {
  expect(await placeIn(report, label, ground(workspace, tree))).toMatchObject(line === undefined ? { file } : { file, line })
})

describe('Go names bare files; the package tells their folder', () => {
  const go = ground('/srv/checkout/go', ['cart_test.go', 'sub/cart_test.go', 'panics/panics_test.go', 'broken/broken_test.go'])

  test.each([
    ['example.com/shop/cart › TestTotal/wrong/slash', { file: 'cart_test.go', line: 16 }],
    ['example.com/shop/cart/panics › TestPanics', { file: 'panics/panics_test.go', line: 9 }],
    ['example.com/shop/cart/broken › package', { file: 'broken/broken_test.go', line: 5 }],
  ])('%s', async (label, place) => {
    expect(await placeIn('go/go-1.26.json', label, go)).toMatchObject(place)
  })

  test('the file in the folder of the package comes before one of the same name above it', async () => {
    const found = failed({ suite: 'example.com/shop/cart/sub', details: '    cart_test.go:16: no' })
    expect(await locate(found, go)).toMatchObject({ file: 'sub/cart_test.go', line: 16 })
  })
})

describe('which place', () => {
  const where = ground('/w', ['src/a.js', 'test/a.test.js', 'node_modules/x/index.js', 'app/test/b.test.js'], ['', 'app'])

  test.each<[string, Partial<TestCase>, Place | undefined]>([
    [
      'the first frame within the workspace',
      { details: 'E\n at f (/w/src/a.js:1:2)\n at g (/w/test/a.test.js:3:4)' },
      { file: 'src/a.js', line: 1, column: 2 },
    ],
    [
      'the frame in the file of the test before others',
      { file: 'test/a.test.js', details: 'E\n at f (/w/src/a.js:1:2)\n at g (/w/test/a.test.js:3:4)' },
      { file: 'test/a.test.js', line: 3, column: 4 },
    ],
    [
      'the test itself when the stack passes elsewhere',
      { file: 'test/a.test.js', line: 9, details: ' at f (/w/src/a.js:1:2)' },
      { file: 'test/a.test.js', line: 9 },
    ],
    [
      'a frame when the line of the test is not known',
      { file: 'test/a.test.js', details: ' at f (/w/src/a.js:1:2)' },
      { file: 'src/a.js', line: 1, column: 2 },
    ],
    ['no frame of a dependency', { details: ' at f (/w/node_modules/x/index.js:1:2)' }, undefined],
    [
      'no file outside, however it is written',
      { file: '../../etc/passwd', line: 1, details: ' at f (/w/../etc/passwd:1:2)\n../../etc/passwd.txt:3: x' },
      undefined,
    ],
    [
      'a file of another machine by the end of its path',
      { file: '/builds/42/checkout/test/a.test.js', line: 5 },
      { file: 'test/a.test.js', line: 5 },
    ],
    ['a Windows path', { details: 'at T.F() in C:\\agent\\w\\src\\a.js:line 7' }, { file: 'src/a.js', line: 7, column: undefined }],
    ['a path below another base', { file: 'test/b.test.js', line: 2 }, { file: 'app/test/b.test.js', line: 2 }],
    ['a file URL with escapes', { details: ' at f (file:///w/src/%61.js:1:2)' }, { file: 'src/a.js', line: 1, column: 2 }],
    ['nothing when nothing is said', { message: 'no' }, undefined],
  ])('%s', async (_, found, place) => {
    expect(await locate(failed(found), where)).toEqual(place)
  })
})

describe('frames', () => {
  test.each([
    ['    at Object.<anonymous> (/srv/my app/a.test.js:1:2)', { file: '/srv/my app/a.test.js', line: 1, column: 2 }],
    ['    at async file:///srv/a.test.js:10:20', { file: 'file:///srv/a.test.js', line: 10, column: 20 }],
    [' ❯ helper src/a.ts:5:15', { file: 'src/a.ts', line: 5, column: 15 }],
    ['\tat app//com.acme.Cart$Inner.lambda$add$0(Cart.kt:7)', { file: 'com/acme/Cart.kt', line: 7, owner: 'com.acme.Cart$Inner' }],
    ['\tat com.acme.CartSpec.it adds up(CartSpec.groovy:7)', { file: 'com/acme/CartSpec.groovy', line: 7, owner: 'com.acme.CartSpec' }],
    ["thread 'x' (12) panicked at src/lib.rs:24:9:", { file: 'src/lib.rs', line: 24, column: 9 }],
    ["thread 'x' panicked at 'no', src/lib.rs:24:9", { file: 'src/lib.rs', line: 24, column: 9 }],
    ['\t/srv/go/a_test.go:9 +0x28', { file: '/srv/go/a_test.go', line: 9 }],
    ['  File "/srv/a b.py", line 3, in test', { file: '/srv/a b.py', line: 3 }],
    ['     # ./spec/cart_spec.rb:3:in `block (2 levels)', { file: './spec/cart_spec.rb', line: 3 }],
  ])('%j', (line, frame) => {
    expect(framesOf(line)).toEqual([expect.objectContaining(frame)])
  })

  test.each(['expected 1 to be 2', 'at 10:30:00 the server', '', '    at new Promise (<anonymous>)', '  at node:internal/main:1:2'])(
    'none in %j',
    (line) => {
      expect(framesOf(line)).toEqual([])
    },
  )
})
