import { describe, expect, it } from '@jest/globals'
import { refusalError, saidIn } from './refusals.ts'

const refused = (status: number, text: string) => ({ status, text, doing: 'push team/app', needs: '`repository:push`', requestId: 'id-1' })
const said = (code: string, message: string): string => JSON.stringify({ errors: [{ code, message }] })

describe('a refusal', () => {
  it.each([
    ['no right', 403, said('FORBIDDEN', 'forbidden'), 'SW-HARBOR-DENIED'],
    [
      'quota',
      403,
      said('DENIED', 'adding 87.9 KiB of storage resource, … will exceed the configured upper limit of 97.7 KiB.'),
      'SW-HARBOR-QUOTA',
    ],
    ['read-only', 403, said('DENIED', 'The system is in read only mode. Any modification is prohibited.'), 'SW-HARBOR-READ-ONLY'],
    ['a proxy project', 403, said('DENIED', 'can not push artifact to a proxy project: p'), 'SW-HARBOR-DENIED'],
    ['content trust', 412, said('PROJECTPOLICYVIOLATION', 'The image is not signed by cosign.'), 'SW-HARBOR-POLICY'],
    [
      'an immutable tag',
      412,
      said('PRECONDITION', "Failed to process request due to 'app:v1' configured as immutable."),
      'SW-HARBOR-IMMUTABLE',
    ],
    ['no scanner', 412, said('PRECONDITION', 'no available scanner for project: 41'), 'SW-HARBOR-NO-SCANNER'],
    [
      'a project that is not empty',
      412,
      said('PRECONDITION', 'the project contains repositories, can not be deleted'),
      'SW-HARBOR-CONFLICT',
    ],
    [
      'a child of an index',
      412,
      said('VIOLATE_FOREIGN_KEY_CONSTRAINT', 'the deleting artifact is referenced by others'),
      'SW-HARBOR-CONFLICT',
    ],
    ['what is not there', 404, said('NOT_FOUND', 'artifact team/app:v1 not found'), 'SW-HARBOR-NOT-FOUND'],
    ['a page of another server', 404, '<html>', 'SW-HARBOR-ANSWER'],
    ['what exists', 409, said('CONFLICT', 'tag v2 already exists'), 'SW-HARBOR-CONFLICT'],
    ['a bad value', 422, said('UNPROCESSABLE_ENTITY', 'validation failure list'), 'SW-HARBOR-REFUSED'],
    ['a fault of its own, with an empty body', 500, '', 'SW-HARBOR-FAILED'],
  ])('of %s', (_, status, text, code) => {
    const error = refusalError(refused(status, text))
    expect(error.code).toBe(code)
    expect(error.message).toContain('(request id-1)')
  })
})

describe('what Harbor says', () => {
  it.each([
    ['', { code: '', message: '' }],
    ['Unable to handle service: x', { code: '', message: 'Unable to handle service: x' }],
    ['<html><body>502', { code: '', message: 'a page of HTML' }],
    [said('DENIED', 'no'), { code: 'DENIED', message: 'no' }],
    ['{"errors":[]}', { code: '', message: '{"errors":[]}' }],
  ])('in %j', (text, expected) => {
    expect(saidIn(text)).toEqual(expected)
  })

  it('cannot write to a terminal, nor at length', () => {
    expect(saidIn(said('X', '\u001b[31mred\nline')).message).not.toMatch(/\u001b|\n/)
    expect(saidIn(said('X', 'x'.repeat(100_000))).message.length).toBeLessThan(600)
  })
})
