import { describe, expect, test } from 'vitest'
import { checkLicense, readLicense } from '../../src/models/license.ts'
import { models } from '../../src/models/table.ts'

const find = (id: string) => models.find(model => model.id === id) ?? models[0]
const catchError = (id: string, allowed?: readonly string[]) => {
  try {
    checkLicense(find(id), allowed, models)
    return undefined
  } catch (error) {
    return error
  }
}

test.each([
  ['u2netp', 'Apache-2.0'],
  ['general-light', 'MIT'],
  ['isnet', 'unknown'],
])('the weights of %s have the license %s', (id, license) => {
  expect(readLicense(find(id))).toBe(license)
})

describe('a list of licenses', () => {
  test.each<[string, string[] | undefined]>([
    ['isnet', undefined],
    ['u2netp', ['Apache-2.0']],
    ['general-light', [' mit ']],
    ['isnet', ['unknown']],
  ])('allows %s with %j', (id, allowed) => {
    expect(catchError(id, allowed)).toBeUndefined()
  })

  test.each<[string, string[], RegExp]>([
    ['general-light', ['Apache-2.0'], /got general-light: MIT\./],
    [
      'isnet',
      ['MIT', 'Apache-2.0'],
      /licenses MIT, Apache-2\.0, got isnet, whose weights have no stated license \(unknown\)\./,
    ],
    ['u2netp', [], /licenses \(none\), got u2netp/],
  ])('refuses %s with %j', (id, allowed, message) => {
    expect(catchError(id, allowed)).toMatchObject({
      code: 'LICENSE_NOT_ALLOWED',
      message: expect.stringMatching(message),
    })
  })

  test('the hint names the models with an allowed license, and the field', () => {
    expect(catchError('isnet', ['Apache-2.0'])).toMatchObject({
      hint: 'Use another model: u2netp (Apache-2.0), modnet (Apache-2.0). Or add unknown to `licenses` in the config.',
    })
  })

  test('a model of the user is allowed', () => {
    const own = { ...find('isnet'), path: '/models/mine.onnx' }
    expect(() => checkLicense(own, [], models)).not.toThrow()
  })
})
