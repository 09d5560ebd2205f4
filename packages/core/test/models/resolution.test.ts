import { describe, expect, test } from 'vitest'
import { chooseResolution, fitInput } from '../../src/models/resolution.ts'
import { type Model, models } from '../../src/models/table.ts'

const find = (id: string) => models.find(model => model.id === id) as Model
const dynamic: Model = {
  ...find('general-light'),
  id: 'dynamic',
  resolution: { default: 1024, multipleOf: 64 },
}

describe('chooseResolution', () => {
  test.each([
    [find('general-light'), undefined, 1024],
    [find('general-light'), 1024, 1024],
    [find('general-2048'), undefined, 2048],
    [find('u2netp'), undefined, 320],
    [find('modnet'), undefined, 512],
    [find('modnet'), 672, 672],
    [dynamic, undefined, 1024],
    [dynamic, 2048, 2048],
  ])('$0.id, asked for %s: %i', (model, asked, side) => {
    expect(chooseResolution(model, asked)).toBe(side)
  })

  test.each([
    [find('general-light'), 2048, /^Expected 1024, .* got 2048\.$/, /general-2048/],
    [find('general-light'), 512, /^Expected 1024, .* got 512\.$/, /Leave operatingResolution out/],
    [find('general-2048'), 1024, /^Expected 2048, .* got 1024\.$/, /Leave/],
    [find('u2netp'), 1024, /^Expected 320, the only operating resolution of u2netp, got 1024\.$/, /Leave/],
    [find('modnet'), 500, /^Expected a multiple of 32 for modnet, got 500\.$/, /^Try 512\.$/],
    [dynamic, 1000, /multiple of 64/, /^Try 1024\.$/],
    [dynamic, 3, /multiple of 64/, /^Try 64\.$/],
  ])('$0.id, asked for %i: no', (model, asked, message, hint) => {
    expect(() => chooseResolution(model, asked)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_RESOLUTION',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    )
  })
})

describe('fitInput', () => {
  test.each([
    ['a square model stretches', find('u2netp'), 320, [4000, 3000], [320, 320]],
    ['and takes what is smaller', find('general-light'), 1024, [3, 5], [1024, 1024]],
    ['a dynamic square model, too', dynamic, 2048, [600, 400], [2048, 2048]],
    ["MODNet's shorter side is 512", find('modnet'), 512, [1000, 1000], [512, 512]],
    ['the longer side is floored to multiples of 32', find('modnet'), 512, [600, 400], [768, 512]],
    ['upright', find('modnet'), 512, [400, 600], [512, 768]],
    ['693.3 px become 672', find('modnet'), 512, [650, 480], [672, 512]],
    ['just short of the next multiple', find('modnet'), 512, [767, 512], [736, 512]],
    ['a larger wish', find('modnet'), 1024, [800, 400], [2048, 1024]],
    ['a smaller picture is enlarged', find('modnet'), 512, [40, 30], [672, 512]],
    ['one pixel', find('modnet'), 512, [1, 1], [512, 512]],
    ['a panorama stops at four times', find('modnet'), 512, [30_000, 300], [2048, 512]],
    ['and a column', find('modnet'), 512, [1, 5000], [512, 2048]],
  ] as const)('%s', (_, model, side, [width, height], expected) => {
    const input = fitInput(model, side, { width, height })
    expect([input.width, input.height]).toEqual(expected)
  })

  test('the shorter side is never a multiple short, whatever its length', () => {
    for (let length = 1; length <= 6000; length++) {
      expect(fitInput(find('modnet'), 512, { width: length, height: length })).toEqual({
        width: 512,
        height: 512,
      })
    }
  })
})
