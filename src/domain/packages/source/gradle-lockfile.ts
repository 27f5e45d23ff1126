import type { Draft } from '../cataloguer.ts'
import { lockFile } from './lock-file.ts'

/**
 * Gradle's `gradle.lockfile`, and until version 6 a file for each configuration. What only configurations of tests or of the build itself
 * use is for development.
 */
export const gradleLockfile = lockFile(/^(?:[\w-]+\.)+lockfile$/, (content, path) => {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.lockfile$/, '')
  return {
    packages: content.split(/\r?\n/).flatMap((line): readonly Draft[] => {
      const [, namespace, name, version, used = stem] = /^([^#:=\s]+):([^:=\s]+):([^:=\s]+)(?:=(.*))?$/.exec(line) ?? []
      if (namespace === undefined || name === undefined || version === undefined) return []
      const isDevelopment = /^(?:buildscript|settings)-/.test(stem) || used.split(',').every(isOfDevelopment)
      return [{ type: 'maven', namespace, name, version, licenses: [], ...(isDevelopment ? { scope: 'development' } : {}) }]
    }),
  }
})

/** As Gradle and its plugins name configurations. */
function isOfDevelopment(configuration: string): boolean {
  return /^(?:test|androidTest|integrationTest|annotationProcessor|kapt|checkstyle|pmd|spotbugs|jacoco|ktlint|detekt)|Test(?:Compile|Runtime|Annotation)|AnnotationProcessor|^classpath$/.test(
    configuration,
  )
}
