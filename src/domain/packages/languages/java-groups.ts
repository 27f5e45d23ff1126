/** Families of artifacts that are not built by Maven and so do not say their group: it follows from their names. */
const families: readonly (readonly [RegExp, string])[] = [
  [/^spring-boot(?:-|$)/, 'org.springframework.boot'],
  [/^spring-security-/, 'org.springframework.security'],
  [
    /^spring-(?:aop|aspects|beans|context|context-support|context-indexer|core|core-test|expression|instrument|jcl|jdbc|jms|messaging|orm|oxm|r2dbc|test|tx|web|webflux|webmvc|websocket)$/,
    'org.springframework',
  ],
  [/^junit-jupiter(?:-|$)/, 'org.junit.jupiter'],
  [/^junit-platform-/, 'org.junit.platform'],
  [/^junit-vintage-/, 'org.junit.vintage'],
  [/^micrometer-/, 'io.micrometer'],
]

/** The Maven group of an artifact that everybody knows by its name. */
export function knownGroup(artifact: string): string | undefined {
  return families.find(([name]) => name.test(artifact))?.[1]
}
