import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeLocalModel, type LocalModel } from '../../src/models/local.ts'

test('absent fields get the values of BiRefNet', () => {
  expect(describeLocalModel('dogs', { path: '/weights/dogs.onnx' })).toEqual({
    id: 'dogs',
    license: "the user's own",
    urls: [],
    path: '/weights/dogs.onnx',
    resolution: 1024,
    fit: 'stretch',
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
    meaning: 'logits',
    minMax: false,
  })
})

test('undefined counts as absent', () => {
  expect(
    describeLocalModel('dogs', { path: 'a.onnx', resolution: undefined, mean: undefined }),
  ).toMatchObject({
    resolution: 1024,
    mean: [0.485, 0.456, 0.406],
  })
})

test('a relative path starts at the working directory', () => {
  expect(describeLocalModel('dogs', { path: 'weights/dogs.onnx' }).path).toBe(resolve('weights/dogs.onnx'))
})

test('keeps every field', () => {
  const row: Required<LocalModel> = {
    path: '/dogs.onnx',
    sha256: 'ab'.repeat(32),
    input: 'x',
    output: 'y',
    resolution: { default: 512, multipleOf: 32 },
    fit: 'shortest-edge',
    mean: [0, 0, 0],
    std: [1, 1, 1],
    meaning: 'probability',
    minMax: true,
  }
  expect(describeLocalModel('dogs', row)).toMatchObject(row)
})

const path = '/dogs.onnx'

describe('a wrong description names its field', () => {
  test.each<[string, unknown, RegExp]>([
    ['dogs', null, /models\.dogs: expected \{ path, … \}, got null/],
    ['dogs', 'dogs.onnx', /got 'dogs\.onnx'/],
    ['dogs', {}, /models\.dogs\.path: expected the path of an \.onnx file, got undefined/],
    ['dogs', { path: '' }, /\.path/],
    ['dogs', { path: 7 }, /\.path.*got 7/],
    ['dogs', { path, mean: [0.5, 0.5] }, /models\.dogs\.mean: expected three numbers, got \[0\.5,0\.5\]/],
    ['dogs', { path, mean: [0.5, 0.5, 'x'] }, /\.mean/],
    ['dogs', { path, std: [0, 1, 1] }, /\.std: expected three numbers above 0/],
    ['dogs', { path, std: [1, 1, Number.NaN] }, /\.std/],
    ['dogs', { path, resolution: 0 }, /\.resolution/],
    ['dogs', { path, resolution: 512.5 }, /\.resolution/],
    ['dogs', { path, resolution: '1024' }, /\.resolution/],
    ['dogs', { path, resolution: { default: 500, multipleOf: 32 } }, /\.resolution/],
    ['dogs', { path, resolution: { default: 512 } }, /\.resolution/],
    ['dogs', { path, resolution: { default: 512, multipleOf: 32, max: 4 } }, /\.resolution/],
    ['dogs', { path, resolution: null }, /\.resolution.*got null/],
    ['dogs', { path, fit: 'contain' }, /\.fit: expected 'stretch' or 'shortest-edge', got 'contain'/],
    [
      'dogs',
      { path, fit: 'shortest-edge' },
      /expected resolution \{ default, multipleOf \} for fit 'shortest-edge', got 1024/,
    ],
    ['dogs', { path, meaning: 'sigmoid' }, /\.meaning/],
    ['dogs', { path, minMax: 'yes' }, /\.minMax/],
    ['dogs', { path, input: '' }, /\.input/],
    ['dogs', { path, sha256: 'AB'.repeat(32) }, /\.sha256/],
    ['dogs', { path, size: 1024 }, /Unknown field of models\.dogs 'size'/],
    ['dogs', { path, constructor: 1 }, /Unknown field of models\.dogs 'constructor'/],
    ['Dogs', { path }, /got 'Dogs'/],
    ['../dogs', { path }, /got '\.\.\/dogs'/],
    ['', { path }, /got ''/],
  ])('%s: %j', (id, row, message) => {
    expect(() => describeLocalModel(id, row as LocalModel)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringMatching(message) }),
    )
  })
})

test.each([
  ['resolutoin', "Did you mean 'resolution'?"],
  [
    'size',
    'The fields of a model are path, sha256, input, output, resolution, fit, mean, std, meaning, minMax.',
  ],
  ['fit', "Correct the description in the config's `models`."],
])('the hint for the wrong field %s', (name, hint) => {
  expect(() => describeLocalModel('dogs', { path, [name]: 1 })).toThrow(expect.objectContaining({ hint }))
})
