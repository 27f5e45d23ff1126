/** Images and source trees of which the programs that make them are not on every machine. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import type { LayerFiles } from '../../src/domain/packages/image.fake.ts'
import { elfOf } from '../../src/domain/packages/program.fake.ts'
import { ndbDatabase, sqliteDatabase } from '../../src/domain/packages/system/rpm-database.fake.ts'
import { type ZipFile, zipOf } from '../../src/io/fixtures/zip.ts'

export const alpine: LayerFiles = {
  'etc/os-release': 'ID=alpine\nVERSION_ID=3.19.1\nPRETTY_NAME="Alpine Linux v3.19"\n',
  'etc/alpine-release': '3.19.1\n',
  'lib/apk/db/installed': [
    ...[
      'C:Q1abcdefghijklmnopqrstuvwxyz0=',
      'P:musl',
      'V:1.2.4_git20230717-r4',
      'A:x86_64',
      'S:1',
      'I:1',
      'T:the C library',
      'L:MIT',
      'o:musl',
    ],
    ...['p:so:libc.musl-x86_64.so.1=1', 'F:lib', 'R:ld-musl-x86_64.so.1', 'a:0:0:755', ''],
    ...['C:Q1bbcdefghijklmnopqrstuvwxyz0=', 'P:ssl_client', 'V:1.36.1-r15', 'A:x86_64', 'S:1', 'I:1', 'T:x', 'L:GPL-2.0-only', 'o:busybox'],
    ...['D:so:libc.musl-x86_64.so.1', '', ''],
  ].join('\n'),
}

/** What a program of the peers reads of a header has more conditions than ours: these are real ones. */
const { headers: written }: { readonly headers: readonly string[] } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/rpm-headers.json'), 'utf8'),
)
const headers = written.map((header) => Buffer.from(header, 'base64'))

export const redHat = (folder: string): LayerFiles => ({
  'etc/os-release': 'ID="rhel"\nVERSION_ID="9.4"\nNAME="Red Hat Enterprise Linux"\n',
  'etc/redhat-release': 'Red Hat Enterprise Linux release 9.4 (Plow)\n',
  'var/lib/rpm/rpmdb.sqlite': sqliteDatabase(folder, headers),
})

export const suse: LayerFiles = {
  'etc/os-release': 'ID="sles"\nVERSION_ID="15.6"\nNAME="SLES"\nPRETTY_NAME="SUSE Linux Enterprise Server 15 SP6"\n',
  'usr/lib/sysimage/rpm/Packages.db': ndbDatabase(headers),
}

const site = 'usr/lib/python3/dist-packages'
const metadata = (name: string, version: string): string => `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\nLicense: MIT\n`

export const python: LayerFiles = {
  [`${site}/requests-2.31.0.dist-info/METADATA`]: metadata('requests', '2.31.0'),
  [`${site}/requests-2.31.0.dist-info/RECORD`]: '',
  [`${site}/jaraco.text-3.0.dist-info/METADATA`]: metadata('jaraco.text', '3.0'),
  [`${site}/idna-3.4.egg-info/PKG-INFO`]: metadata('idna', '3.4'),
  [`${site}/six-1.16.0.egg-info`]: metadata('six', '1.16.0'),
}

const crates = {
  packages: [
    { name: 'app', version: '0.1.0', source: 'local', root: true, dependencies: [1, 2] },
    { name: 'itoa', version: '1.0.9', source: 'crates.io' },
    { name: 'serde', version: '1.0.193', source: 'crates.io', dependencies: [1] },
    { name: 'cc', version: '1.0.83', source: 'crates.io', kind: 'build' },
  ],
}

export const rust: LayerFiles = {
  'usr/bin/app': [
    0o755,
    elfOf({ '.text': Buffer.alloc(8192), '.dep-v0': deflateSync(JSON.stringify(crates)) }, { bits: 64, order: 'little' }),
  ],
}

const pom = (group: string, artifact: string, version: string): ZipFile => ({
  path: `META-INF/maven/${group}/${artifact}/pom.properties`,
  text: `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
  method: 8,
})
const manifest = (text = ''): ZipFile => ({ path: 'META-INF/MANIFEST.MF', text: `Manifest-Version: 1.0\r\n${text}\r\n` })
const inner = zipOf([manifest(), pom('org.example', 'inner', '2.0')])

export const java: LayerFiles = {
  'app/lib-1.0.jar': zipOf([manifest(), pom('org.example', 'lib', '1.0')]),
  'app/spring-core-6.2.1.jar': zipOf([manifest('Implementation-Title: spring-core\r\nImplementation-Version: 6.2.1')]),
  'app/app-1.0.war': zipOf([manifest(), pom('org.example', 'app', '1.0'), { path: 'WEB-INF/lib/inner-2.0.jar', text: inner, method: 8 }]),
}

const registry = 'source = "registry+https://github.com/rust-lang/crates.io-index"'

/** By lock file: the files of a folder. */
export const trees: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'pnpm-lock.yaml': {
    'package.json': '{"name":"app","dependencies":{"a":"^1.0.0"}}',
    'pnpm-lock.yaml': `lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.0.0(b@2.10.0)
      b:
        specifier: ^2.0.0
        version: 2.10.0
packages:
  a@1.0.0:
    resolution: {integrity: sha512-x}
  b@2.10.0:
    resolution: {integrity: sha512-x}
snapshots:
  a@1.0.0(b@2.10.0):
    dependencies:
      b: 2.10.0
  b@2.10.0: {}
`,
  },
  'yarn.lock': {
    'package.json': '{"name":"app","dependencies":{"a":"^1.0.0"}}',
    'yarn.lock': `# yarn lockfile v1


a@^1.0.0:
  version "1.0.0"
  resolved "https://registry.yarnpkg.com/a/-/a-1.0.0.tgz#0123456789012345678901234567890123456789"
  dependencies:
    b "^2.0.0"

b@^2.0.0:
  version "2.10.0"
  resolved "https://registry.yarnpkg.com/b/-/b-2.10.0.tgz#0123456789012345678901234567890123456789"
`,
  },
  'poetry.lock': {
    'pyproject.toml': '[tool.poetry]\nname = "app"\nversion = "1"\n[tool.poetry.dependencies]\npython = "^3.10"\nidna = "*"\n',
    'poetry.lock': `[[package]]
name = "idna"
version = "3.4"
description = ""
optional = false
python-versions = ">=3.5"
files = []

[metadata]
lock-version = "2.0"
python-versions = "^3.10"
content-hash = "x"
`,
  },
  'requirements.txt': { 'requirements.txt': 'requests==2.31.0\nidna==3.4  # why\n' },
  'go.mod': {
    'go.mod':
      'module example.com/app\n\ngo 1.22.0\n\nrequire (\n\tgithub.com/pkg/errors v0.9.1\n\tgolang.org/x/sys v0.15.0 // indirect\n)\n',
  },
  'Cargo.lock': {
    'Cargo.lock': `version = 3

[[package]]
name = "app"
version = "0.1.0"
dependencies = [
 "itoa",
]

[[package]]
name = "itoa"
version = "1.0.9"
${registry}
checksum = "af150ab688ff2122fcef229be89cb50dd66af9e01a4ff320cc137eecc9bacc38"
`,
  },
  'gradle.lockfile': { 'gradle.lockfile': 'com.google.guava:guava:31.1-jre=runtimeClasspath\nempty=\n' },
  'packages.lock.json': {
    'packages.lock.json': JSON.stringify({
      version: 1,
      dependencies: { 'net8.0': { Serilog: { type: 'Direct', requested: '[3.1.1, )', resolved: '3.1.1', contentHash: 'x' } } },
    }),
  },
  'Gemfile.lock': {
    'Gemfile.lock': `GEM
  remote: https://rubygems.org/
  specs:
    racc (1.7.1)
    rake (13.0.6)

PLATFORMS
  ruby

DEPENDENCIES
  racc
  rake
`,
  },
  'composer.lock': {
    'composer.json': '{"require":{"psr/log":"*"}}',
    'composer.lock': JSON.stringify({ packages: [{ name: 'psr/log', version: '2.0.0' }], 'packages-dev': [] }),
  },
}
