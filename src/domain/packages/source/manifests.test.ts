import { expect, test } from '@jest/globals'
import { toldBy } from './lock-file.fake.ts'
import { manifests } from './manifests.ts'

test.each<[string, string, boolean]>([
  ['package.json', '{"dependencies":{"a":"1"}}', true],
  ['package.json', '{"devDependencies":{"a":"1"}}', false],
  ['pyproject.toml', '[project]\nname = "x"\ndependencies = ["a"]', true],
  ['pyproject.toml', '[tool.poetry.dependencies]\npython = "^3"\na = "1"', true],
  ['pyproject.toml', '[tool.poetry.dependencies]\npython = "^3"\n[tool.ruff]', false],
  ['setup.py', 'setup(install_requires=["a"])', true],
  ['Pipfile', '[dev-packages]', false],
  ['Cargo.toml', "[target.'cfg(unix)'.dependencies]\na = '1'", true],
  ['Cargo.toml', '[workspace]', false],
  ['composer.json', '{"require":{"php":">=8","a/b":"1"}}', true],
  ['composer.json', '{"require":{"php":">=8","ext-json":"*"}}', false],
  ['Gemfile', 'source "x"\n  gem "rake"', true],
  ['build.gradle.kts', 'plugins {}\ndependencies {\n}', true],
  ['App.csproj', '<PackageReference Include="a" Version="1" />', true],
])('%s with %j needs a lock file: %p', async (path, content, needed) => {
  const manifest = manifests.find((one) => one.wants(path))
  if (manifest === undefined) throw new Error('not wanted')
  expect((await toldBy(manifest, path, content)).unscannable !== undefined).toBe(needed)
})
