import { messageOf } from '../../../base/errors.ts'
import { reportInvalid } from './errors.ts'

/** Reports of scanners are about 12 deep. */
const deepest = 100

/** A value of JSON, not deeper than a report is; `where` names it. @throws SW-SCAN-REPORT-INVALID */
export function parseReportJson(bytes: Uint8Array, where: string): unknown {
  const depth = depthOf(bytes)
  if (depth > deepest) throw reportInvalid(`${where} is more than ${deepest} deep, and no report is.`)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw reportInvalid(`${where} is not JSON in UTF-8: ${messageOf(cause).slice(0, 200)}.`, { cause })
  }
}

const [quote, backslash, openBracket, openBrace, closeBracket, closeBrace] = Buffer.from('"\\[{]}')

/** How deep the arrays and objects of JSON in UTF-8 are nested; counted no further than one beyond the limit. */
function depthOf(bytes: Uint8Array): number {
  let [depth, most, isText] = [0, 0, false]
  for (let at = 0; at < bytes.length && most <= deepest; at += 1) {
    const byte = bytes[at]
    if (isText) {
      if (byte === backslash) at += 1
      else if (byte === quote) isText = false
    } else if (byte === quote) isText = true
    else if (byte === openBracket || byte === openBrace) {
      depth += 1
      if (depth > most) most = depth
    } else if (byte === closeBracket || byte === closeBrace) depth -= 1
  }
  return most
}
