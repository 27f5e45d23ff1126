import { badRequest } from './answers.ts'

/** Keys of a project's metadata that Harbor 2.15 knows. */
export const projectMetadata: readonly string[] = [
  ...['public', 'auto_scan', 'auto_sbom_generation', 'prevent_vul', 'severity', 'enable_content_trust', 'enable_content_trust_cosign'],
  ...['reuse_sys_cve_allowlist', 'retention_id', 'proxy_speed_kb', 'max_upstream_conn', 'proxy_cache_local_on_not_found'],
]

const empty = [
  'audit_log_forward_endpoint',
  'banner_message',
  'disabled_audit_log_event_types',
  'http_authproxy_admin_groups',
  'http_authproxy_admin_usernames',
  'http_authproxy_endpoint',
  'http_authproxy_server_certificate',
  'http_authproxy_tokenreview_endpoint',
  'ldap_base_dn',
  'ldap_filter',
  'ldap_group_admin_dn',
  'ldap_group_attribute_name',
  'ldap_group_base_dn',
  'ldap_group_search_filter',
  'ldap_search_dn',
  'ldap_url',
  'oidc_admin_group',
  'oidc_client_id',
  'oidc_endpoint',
  'oidc_group_filter',
  'oidc_groups_claim',
  'oidc_name',
  'oidc_scope',
  'oidc_user_claim',
  'uaa_client_id',
  'uaa_client_secret',
  'uaa_endpoint',
]
const off = [
  'http_authproxy_skip_search',
  'ldap_group_attach_parallel',
  'oidc_auto_onboard',
  'oidc_logout',
  'primary_auth_mode',
  'read_only',
  'scanner_skip_update_pulltime',
  'self_registration',
  'skip_audit_log_database',
  'uaa_verify_cert',
]
const on = ['http_authproxy_verify_cert', 'ldap_verify_cert', 'notification_enable', 'oidc_verify_cert', 'quota_per_project_enable']

/** Settings that are shown, with their defaults. */
export const limitedSettings: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(empty.map((name) => [name, ''])),
  ...Object.fromEntries(off.map((name) => [name, false])),
  ...Object.fromEntries(on.map((name) => [name, true])),
  auth_mode: 'db_auth',
  ldap_group_membership_attribute: 'memberof',
  ldap_group_search_scope: 2,
  ldap_scope: 2,
  ldap_timeout: 5,
  ldap_uid: 'cn',
  oidc_extra_redirect_parms: '{}',
  project_creation_restriction: 'everyone',
  robot_name_prefix: 'robot$',
  robot_token_duration: 30,
  session_timeout: 60,
  storage_per_project: -1,
  token_expiration: 30,
}

const rights: Readonly<Record<string, readonly string[]>> = {
  project: ['read', 'delete', 'update'],
  metadata: ['read', 'create', 'delete', 'list', 'update'],
  repository: ['read', 'update', 'delete', 'list', 'pull', 'push'],
  artifact: ['read', 'create', 'delete', 'list'],
  scan: ['create', 'read', 'stop'],
  sbom: ['create', 'read', 'stop'],
  tag: ['create', 'delete', 'list'],
  'artifact-label': ['create', 'delete'],
  accessory: ['list'],
  'artifact-addition': ['read'],
  scanner: ['read', 'create'],
  log: ['list'],
  member: ['create', 'read', 'update', 'list', 'delete'],
  robot: ['create', 'read', 'list', 'delete', 'update'],
  label: ['create', 'read', 'list', 'delete', 'update'],
  quota: ['read'],
  'immutable-tag': ['list', 'create', 'delete', 'update'],
  'tag-retention': ['read', 'create', 'delete', 'update', 'list', 'operate'],
  'notification-policy': ['create', 'read', 'list', 'delete', 'update'],
  'preheat-policy': ['read', 'create', 'delete', 'list', 'update'],
  'export-cve': ['create', 'read', 'list'],
}
const systemRights: Readonly<Record<string, readonly string[]>> = {
  project: ['create', 'list'],
  registry: ['list', 'create', 'read', 'delete', 'update'],
  robot: ['create', 'read', 'list', 'delete', 'update'],
  quota: ['read', 'list', 'update'],
  scanner: ['create', 'read', 'list', 'delete', 'update'],
  label: ['create', 'read', 'delete', 'update'],
  'audit-log': ['list'],
}

const entries = (all: typeof rights): readonly { action: string; resource: string }[] =>
  Object.entries(all).flatMap(([resource, actions]) => actions.map((action) => ({ action, resource })))

export const permissionCatalogue = { project: entries(rights), system: entries(systemRights) }

export function isPermission(kind: string, { resource, action }: { resource: string; action: string }): boolean {
  return ((kind === 'system' ? systemRights : rights)[resource] ?? []).includes(action)
}

export function strongSecret(value: unknown): boolean {
  return (
    typeof value === 'string' && value.length >= 8 && value.length <= 128 && /[A-Z]/.test(value) && /[a-z]/.test(value) && /\d/.test(value)
  )
}

/** A test made of `q=name=value,name=~part,…`; it is decoded once more, and unknown names count for nothing. */
export function matching(q: string | null): (fields: Readonly<Record<string, string | readonly string[]>>) => boolean {
  if (q === null) return () => true
  const terms = decodeURIComponent(q.replaceAll('+', ' '))
    .split(',')
    .map((term) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(term) ?? []
      if (name === undefined || value === undefined) throw badRequest('the query string must contain "=" and the key/value cannot be empty')
      return { name, value }
    })
  return (fields) =>
    terms.every(({ name, value }) => {
      const field = fields[name]
      if (field === undefined) return true
      const values = typeof field === 'string' ? [field] : field
      if (value === '*') return values.length > 0
      if (value === 'nil') return values.length === 0
      return value.startsWith('~') ? values.some((one) => one.includes(value.slice(1))) : values.includes(value.replace(/^\((.*)\)$/, '$1'))
    })
}
