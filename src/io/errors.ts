import { defineError } from '../base/errors.ts'

export {
  compressedLimit,
  compressedMalformed,
  tarLimit,
  tarMalformed,
  tarUnsupported,
  threadFailed,
  zipLimit,
  zipMalformed,
} from './archive-errors.ts'

export const fileMissing = defineError({
  code: 'SW-FILE-MISSING',
  fault: 'input',
  title: 'A file or folder that is needed does not exist.',
  causes: [
    'The path is misspelt, or relative to another folder than the workspace.',
    'The step that makes the file has not run, or ran in another job or pod.',
  ],
  fix: 'List the folder named in the message; give the path relative to the workspace; on Tekton bind the same workspace to both tasks.',
})

export const fileUnreadable = defineError({
  code: 'SW-FILE-UNREADABLE',
  fault: 'environment',
  title: 'A file or folder exists but may not be read.',
  causes: [
    'It belongs to another user and its mode gives no access.',
    'A Tekton workspace volume was filled by a step that ran as another user.',
  ],
  fix: 'Run `chmod -R a+rX PATH` where the file is made; on Tekton set `taskRunTemplate.podTemplate.securityContext.fsGroup: 65532` in the PipelineRun.',
})

export const fileUnwritable = defineError({
  code: 'SW-FILE-UNWRITABLE',
  fault: 'environment',
  title: 'A file or folder may not be written, made or removed.',
  causes: ['The folder belongs to another user.', 'The file system is mounted read-only.'],
  fix: 'Make the folder writable for the user of this step; on Tekton set `taskRunTemplate.podTemplate.securityContext.fsGroup: 65532` in the PipelineRun.',
})

export const fileKind = defineError({
  code: 'SW-FILE-KIND',
  fault: 'input',
  title: 'A path names another kind of thing than is needed, such as a folder instead of a file.',
  causes: ['An input takes a file but was given a folder, or the other way round.', 'Part of the path is a file.'],
  fix: 'Give the path of the kind that the message asks for.',
})

export const fileName = defineError({
  code: 'SW-FILE-NAME',
  fault: 'input',
  title: 'A file name cannot be used.',
  causes: ['The name is not valid UTF-8.', 'The name or the whole path is longer than the file system takes.'],
  fix: 'Rename the file, or leave it out with `.dockerignore`.',
})

export const fileTooLarge = defineError({
  code: 'SW-FILE-TOO-LARGE',
  fault: 'input',
  title: 'A file is larger than what is read of its kind.',
  causes: ['The path names another file than was meant.', 'The file is made by a program and has grown beyond all use.'],
  fix: 'Check the path; give a smaller file.',
})

export const fileMalformed = defineError({
  code: 'SW-FILE-MALFORMED',
  fault: 'input',
  title: 'A file is not what its format asks for.',
  causes: ['The file was cut while it was written.', 'The path names another file than was meant.'],
  fix: 'Make the file again, or check the path.',
})

export const fileFailed = defineError({
  code: 'SW-FILE-FAILED',
  fault: 'environment',
  title: 'The system refused a file operation.',
  causes: ['The disk or the network file system has an error.', 'Too many files are open.'],
  fix: 'Read the system error in the message; check the volume of the workspace.',
})

export const diskFull = defineError({
  code: 'SW-DISK-FULL',
  fault: 'environment',
  title: 'There is no space left to write a file.',
  causes: ['The disk of the runner or the volume of the workspace is full.', 'A quota is used up.'],
  fix: 'Free space (`df -h` shows where it went), or give the workspace a larger volume.',
})

export const pathOutside = defineError({
  code: 'SW-PATH-OUTSIDE',
  fault: 'input',
  title: 'A path leads out of the folder that it must stay in.',
  causes: ['The path is absolute or has too many `..`.', 'A symbolic link on the way points outside.'],
  fix: 'Give a path inside the folder; replace the link by the file that it points to.',
})

export const contentMismatch = defineError({
  code: 'SW-CONTENT-MISMATCH',
  fault: 'remote',
  transient: true,
  title: 'Bytes that came do not have the digest or the size that was promised.',
  causes: [
    'The transfer was damaged, or cut in a way that looked complete.',
    'A cache, a proxy or the server itself gives other bytes than it announced.',
  ],
  fix: 'Run it again; if it stays, compare the source with a trusted copy and treat the content as tampered with.',
})

export const processNotFound = defineError({
  code: 'SW-PROCESS-NOT-FOUND',
  fault: 'environment',
  title: 'A program is not installed here.',
  causes: ['It is not on PATH.', 'The container image of this step does not contain it.', 'Its name is misspelt.'],
  fix: 'Install the program, correct PATH, or choose an image that has it.',
})

export const processNotStarted = defineError({
  code: 'SW-PROCESS-NOT-STARTED',
  fault: 'environment',
  title: 'A program is there but the system could not start it.',
  causes: [
    'The file is not executable, or made for another processor.',
    'The interpreter in its first line (`#!`) is missing.',
    'Its arguments and environment are too large.',
    'Its working folder does not exist.',
  ],
  fix: 'Read the system error in the message; `chmod +x` the file, or install its interpreter.',
})

export const httpUnreachable = defineError({
  code: 'SW-HTTP-UNREACHABLE',
  fault: 'environment',
  transient: true,
  title: 'A server could not be reached.',
  causes: [
    'The host name is misspelt or not known to the DNS of this machine.',
    'Nothing listens on that port, or a firewall is in the way.',
    'A proxy is needed (HTTPS_PROXY), or one is used that should not be (NO_PROXY).',
  ],
  fix: 'Try `curl -v URL` on the same machine; correct the host, or set HTTPS_PROXY or NO_PROXY.',
})

export const httpTimeout = defineError({
  code: 'SW-HTTP-TIMEOUT',
  fault: 'remote',
  transient: true,
  title: 'A server did not answer in time.',
  causes: ['The server is overloaded or hangs.', 'A firewall drops packets silently.'],
  fix: 'Run it again later; check the state of the server.',
})

export const httpStatus = defineError({
  code: 'SW-HTTP-STATUS',
  fault: 'remote',
  transient: true,
  title: 'A server answered with an error status.',
  causes: ['The server failed (5xx) or limits the rate (429).', 'The server does not accept the request (4xx).'],
  fix: 'Read the answer in the message; run it again later if the status is 5xx or 429.',
})

export const httpRefusedUrl = defineError({
  code: 'SW-HTTP-REFUSED-URL',
  fault: 'policy',
  title: 'A request was not sent, because its address is not safe.',
  causes: [
    'A server pointed (redirect, token realm, Location, foreign layer) to a loopback, private or link-local address.',
    'A redirect leads from https to http, or would carry the body to another server.',
    'The address is plain http on a host that is not listed as insecure.',
    'The address contains a user name or a password.',
  ],
  fix: 'If the address is truly meant, allow it by name (SLIPWAY_PRIVATE_HOSTS=host:port, SLIPWAY_INSECURE_HOSTS=host:port); else treat the server that gave it as hostile.',
})

export const httpTooLarge = defineError({
  code: 'SW-HTTP-TOO-LARGE',
  fault: 'remote',
  title: 'An answer is larger than what is read of its kind.',
  causes: ['The URL names something else than was meant.', 'The server misbehaves.'],
  fix: 'Check the URL.',
})

export const httpTruncated = defineError({
  code: 'SW-HTTP-TRUNCATED',
  fault: 'remote',
  transient: true,
  title: 'The connection ended before the whole answer had come.',
  causes: ['The server or a proxy in between restarted or has a time or size limit.', 'The network failed.'],
  fix: 'Run it again; raise the limit of the proxy if it always stops at the same place.',
})

export const httpMalformed = defineError({
  code: 'SW-HTTP-MALFORMED',
  fault: 'remote',
  title: 'An answer is not what its format asks for.',
  causes: ['A login page or a proxy answered in place of the service.', 'The URL is that of the web page rather than of the API.'],
  fix: 'Open the URL; correct it, or exempt the host from the proxy (NO_PROXY).',
})

export const httpTls = defineError({
  code: 'SW-HTTP-TLS',
  fault: 'environment',
  title: 'A secure connection could not be made.',
  causes: [
    'The certificate is signed by an authority that this machine does not know.',
    'The certificate has expired, or is for another name.',
    'The port speaks plain http.',
  ],
  fix: 'Give the authority’s certificate with NODE_EXTRA_CA_CERTS=/path/ca.pem; see `openssl s_client -connect HOST:PORT`.',
})

export const httpProxy = defineError({
  code: 'SW-HTTP-PROXY',
  fault: 'environment',
  transient: true,
  title: 'The proxy did not let a request through.',
  causes: ['The proxy asks for credentials.', 'The proxy does not allow this host.', 'The proxy is down.'],
  fix: 'Set HTTPS_PROXY=http://user:password@host:port, or exempt the host with NO_PROXY.',
})

export const httpHeader = defineError({
  code: 'SW-HTTP-HEADER',
  fault: 'input',
  title: 'A request was not sent, because a header cannot carry its value.',
  causes: ['A token or a password ends in a line feed, or contains a control character.'],
  fix: 'Store the secret again without a line feed: `printf %s "$TOKEN"` rather than `echo`.',
})

export const fileChanged = defineError({
  code: 'SW-FILE-CHANGED',
  fault: 'input',
  title: 'A file changed while it was packed or sent.',
  causes: ['Another process writes the file at the same time.'],
  fix: 'Let nothing write to the file meanwhile: wait for the step that makes it.',
})

export const listenFailed = defineError({
  code: 'SW-LISTEN-FAILED',
  fault: 'environment',
  title: 'A server could not be started.',
  causes: ['The port is taken by another program.', 'Ports below 1024 need a privilege.'],
  fix: 'Choose another port, or 0 for any free one.',
})
