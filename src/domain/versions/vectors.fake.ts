import type { Scheme } from './compare.ts'

/**
 * Versions in their order, after the specifications and the behaviour of the ecosystems' own programs: each line rises from left to right, and
 * `=` joins what is equal. A line of 21 has 210 pairs.
 */
export const rising: readonly (readonly [Scheme, string])[] = [
  // semver.org §11, and what Go and npm bear besides.
  [
    'semver',
    '0.0.0-0 < 0.0.0-20190308221718-c2843e01d9a2 < 0.0.0-20200101000000-aaaaaaaaaaaa < 0.0.0 < 0.0.1 < 0.1.0 < 0.9.9 < 1.0.0-0 < 1.0.0-1 < 1.0.0-2 < 1.0.0-10 < 1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.1.x < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-beta.2 < 1.0.0-beta.11 < 1.0.0-rc.1 < 1.0.0-rc.1.0 < 1.0.0-rc.10 < 1.0.0 = v1.0.0 = 1.0.0+build.7 = 1.0 = 1 < 1.0.1-0.20230101000000-abcdefabcdef < 1.0.1 < 1.9.0 < 1.10.0 < 2.0.0+incompatible < 2.1.1 < 10.0.0',
  ],
  ['semver', '1.21.0-rc.2 = go1.21rc2 < 1.21.0-rc.3 = go1.21rc3 < go1.21 = 1.21.0 < go1.21.1 = 1.21.1 < 1.22.0-0 < go1.22rc1 < go1.22'],
  ['semver', '1.0.0-9007199254740990 < 1.0.0-a < 1.0.0-a-b < 1.0.0'],
  // PEP 440, "Summary of permitted suffixes and relative ordering", and its normalisations.
  [
    'pep440',
    '1.dev0 < 1.0.dev456 < 1.0a1.dev1 < 1.0a1 = 1.0.alpha-1 = 1.0ALPHA1 < 1.0a1.post1 < 1.0a2.dev456 < 1.0a12.dev456 < 1.0a12 < 1.0b1.dev456 < 1.0b2 = 1.0_beta_2 < 1.0b2.post345.dev456 < 1.0b2.post345 < 1.0rc1.dev456 < 1.0rc1 = 1.0-c1 = v1.0.RC.1 = 1.0pre1 = 1.0preview1 < 1.0 = 1 = 1.0.0 < 1.0+abc.5 < 1.0+abc.7 < 1.0+ubuntu.1 < 1.0+5 < 1.0.post456.dev34 < 1.0.post456 = 1.0-456 = 1.0.rev456 < 1.1.dev1 < 1.1 < 1.9 < 1.10 < 2012.10 < 1!0.1 = 1!0.1.0 < 1!1.0 < 2!0',
  ],
  // "Version Order Specification" of Maven, and ComparableVersion's own tests.
  [
    'maven',
    '1-alpha-1 = 1-a1 = 1.alpha1 < 1-alpha-2 < 1-alpha-10 < 1-beta-1 = 1-b1 < 1-milestone-1 = 1-m1 < 1-rc-1 = 1-cr1 < 1-rc-2 < 1-snapshot < 1 = 1.0 = 1-ga = 1.0.0-final = 1-release = 1. < 1-sp < 1-sp-1 < 1-abc < 1-xyz < 1-1 < 1-2 < 1-10 < 1.0.1 < 1.0.2 < 1.0.11 < 1.1-alpha-1 < 1.1 < 1.2-beta-2 < 1.2 < 1.10 < 2-rc-1 < 2 < 2.0.1-xyz < 2.0.1-123 < 2.0.2 < 10',
  ],
  ['maven', '1.0.0-foo.0.0 = 1-foo < 1-foo2 < 1-foo10'],
  ['maven', '20190126.230843 < 20190126230843'],
  // deb-version(7), Debian Policy 5.6.12, and releases of glibc, with the tildes and the builds of Debian and Ubuntu.
  [
    'dpkg',
    '0~~ < 0~ < 0 < 1.0~~ < 1.0~~a < 1.0~ < 1.0~a < 1.0~beta1 < 1.0~beta10 < 1.0~rc1-1 < 1.0 = 1.00 = 0:1.0 = 1.0-0 = 1.0-00 < 1.0-0ubuntu1~22.04.1 < 1.0-0ubuntu1 < 1.0-1~bpo12+1 < 1.0-1 < 1.0-1+b1 < 1.0-1+deb12u1 < 1.0-1+deb12u2 < 1.0-1+deb12u10 < 1.0-1.1 < 1.0-2 < 1.0-10 < 1.0a < 1.0+ < 1.0+dfsg-1 < 1.0.1 < 1.1 < 1.9 < 1.10 < 2.36-9+deb12u9 < 2.36-9+deb12u10 < 2.37-0ubuntu1~ < 2.37-0ubuntu1 < 1:0.1 < 1:1.0-1 < 2:0',
  ],
  ['dpkg', '1.2.3-b < 1.2.3-a-b < 1.2.3-a-c < 1.2.3-b-a'],
  // apk-package(5): suffixes before and after the release, fractions, letters.
  [
    'apk',
    '0.1 < 1.0_alpha < 1.0_alpha2 < 1.0_alpha10 < 1.0_beta < 1.0_beta2 < 1.0_pre1 < 1.0_rc1 < 1.0_rc2_git1 < 1.0_rc10 < 1.0 < 1.0-r0 < 1.0-r1 < 1.0-r10 < 1.0_cvs < 1.0_git20230101 < 1.0_p < 1.0_p1 < 1.0_p1-r1 < 1.0_p2 < 1.0a < 1.0a-r1 < 1.0b < 1.0.1 < 1.0.1a < 1.01 < 1.1 < 1.9 < 1.9.0-r1 < 1.10 < 2 < 3.1.4-r5 < 3.1.4-r6 < 3.1.5-r0 < 20240101 < 20240101-r1',
  ],
  // rpm-version(7) and the tests of rpmvercmp: tildes, carets, separators.
  [
    'rpm',
    '0 < 1.0~ < 1.0~a < 1.0~rc1 < 1.0~rc1^git1 < 1.0~rc2 < 1.0 = 1_0 = 1..0 = 01.00 < 1.0-1.el9 < 1.0-1.el9_1 < 1.0-1.el9_10 < 1.0-2.el9 < 1.0-10.el9 < 1.0^git1~pre < 1.0^git1 < 1.0^git2 < 1.0^20160101 < 1.0a = 1.0.a < 1.0b < 1.0.1 < 1.0.010 = 1.0.10 < 1.1 < 1.9 < 1.10 < 5.14.0-362.8.1.el9_3 < 5.14.0-362.18.1.el9_3 < 10xyz < 10.1xyz < 20101121 < 20101122 < 1:0.1-1 < 1:1.0-1 < 2:0',
  ],
  ['rpm', '1.0^ < 1.0^20160101 < 1.0^20160102 < 1.01.1'],
  ['rpm', '1b.fc17 < 1g.fc17'],
  // Gem::Version: any letter makes a prerelease, and zeros before it or at the end say nothing.
  [
    'gem',
    '0 = 0.0 < 0.0.1 < 0.8.7 < 1.0.a = 1.a = 1.0.0.a < 1.0.a.2 = 1.0.0.a.2.0 < 1.0.a.10 < 1.0.alpha < 1.0.b1 = 1.0.b.1 < 1.0.beta.2 < 1.0.beta.10 < 1.0-rc1 < 1.0.pre = 1.0.0.pre.0 < 1.0-1 = 1.0.pre.1 < 1.0.rc1 < 1.0.rc2 < 1.0 = 1 = 1.0.0 < 1.0.1.pre1 < 1.0.1 < 1.0.9 < 1.0.10 < 1.1.rc3 < 1.1 < 1.9.3 < 1.9.3.1 < 1.10 < 2.0.0.beta4 < 2.0.pre < 2 < 5.2.4.5 < 5.2.5 < 20240101',
  ],
  // NuGet's versioning: a fourth number, no letter case.
  [
    'nuget',
    '0.0.0.1 < 0.1 < 1.0.0-0 < 1.0.0-2 < 1.0.0-10 < 1.0.0-alpha = 1.0.0-ALPHA = 1-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.1.x < 1.0.0-alpha.beta < 1.0.0-alpha1 < 1.0.0-Beta < 1.0.0-beta.2 < 1.0.0-beta.10 < 1.0.0-beta2 < 1.0.0-preview.7 < 1.0.0-rc < 1.0.0-RC.1 < 1.0 = 1.0.0 = 1.0.0.0 = 1.0.0+meta = 1 = 01.0 < 1.0.0.1-rc < 1.0.0.1 < 1.0.0.10 < 1.0.1 < 1.9 < 1.10 < 2.0.0-a < 2 < 13.0.1 < 13.0.3',
  ],
  // Composer's VersionParser: stabilities, patches, missing numbers.
  [
    'packagist',
    '0.1 < 0.9.9 < 1.0-dev = 1.0.0-dev < 1.0-alpha = 1.0a < 1.0-alpha1 = 1.0.0a1 = v1.0.0.0-ALPHA.1 < 1.0-alpha2 < 1.0-alpha10 < 1.0-beta1-dev < 1.0-beta1 = 1.0b1 < 1.0-beta2 < 1.0-RC1 = 1.0rc1 < 1.0-RC2 < 1.0 = v1.0.0 = 1.0.0.0 = 1.0-stable = 1 < 1.0-p1 = 1.0-patch1 = 1.0-pl1 < 1.0-p2 < 1.0.0.1 < 1.0.1-dev < 1.0.1 < 1.1-RC1 < 1.1 < 1.9 < 1.10 < 2.0.0-alpha < 2 < 6.4.0-BETA3 < 6.4.0 < 6.4.10 < 10.0',
  ],
]
