import { describe, expect, test } from 'vitest'
import { chooseResolution, fitInputs } from '../../src/models/resolution.ts'
import { type Model, models } from '../../src/models/table.ts'

const find = (id: string) => models.find(model => model.id === id) as Model
const dynamic: Model = {
  ...find('general-light'),
  id: 'dynamic',
  resolution: { default: 1024, multipleOf: 64 },
}

describe('chooseResolution', () => {
  test.each([
    ['general-light', undefined, 'general-light', 1024],
    ['general-light', 1024, 'general-light', 1024],
    ['general-light', 2048, 'general-light-dynamic', 2048],
    ['general-light', 512, 'general-light-dynamic', 512],
    ['general-light', 1500, 'general-light', 1500],
    ['general-heavy', 2048, 'general-2048', 2048],
    ['general-heavy', 1536, 'general-heavy', 1536],
    ['matting', 2048, 'matting-2048', 2048],
    ['portrait', 2048, 'portrait', 2048],
    ['general-2048', undefined, 'general-2048', 2048],
    ['u2netp', undefined, 'u2netp', 320],
    ['u2netp', 640, 'u2netp', 640],
    ['modnet', undefined, 'modnet', 512],
    ['modnet', 672, 'modnet', 672],
    ['portrait', 4096, 'portrait', 4096],
    ['u2netp', 2560, 'u2netp', 2560],
  ])('%s, asked for %s: %s at %i', (id, asked, expected, side) => {
    const { model, operatingResolution } = chooseResolution(find(id), asked, find)
    expect([model.id, operatingResolution]).toEqual([expected, side])
  })

  test.each(models.map(({ id }) => id))("%s supports fal's 2048", id => {
    expect(chooseResolution(find(id), 2048, find).operatingResolution).toBe(2048)
  })

  test.each([
    [
      'general-heavy',
      512,
      /^Expected an operatingResolution from 1024 to 4096 for general-heavy, got 512\.$/,
    ],
    ['general-light', 500, /^Expected an operatingResolution from 1024 .* got 500\.$/],
    ['general-2048', 1024, /^Expected an operatingResolution from 2048 to 4096 .*, got 1024\.$/],
    ['u2netp', 4096, /^Expected an operatingResolution from 320 to 2560 for u2netp, got 4096\.$/],
    ['portrait', 4097, /^Expected an operatingResolution from 1024 to 4096 for portrait, got 4097\.$/],
    ['modnet', 500, /^Expected a multiple of 32 for modnet, got 500\.$/],
  ])('%s is refused at %i', (id, asked, message) => {
    expect(() => chooseResolution(find(id), asked, find)).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED_RESOLUTION',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(/operatingResolution|Try 512/),
      }),
    )
  })
})

describe('fitInputs', () => {
  test.each([
    ['a square model stretches', find('u2netp'), 320, [4000, 3000], [320, 320]],
    ['a square model enlarges a smaller picture', find('general-light'), 1024, [3, 5], [1024, 1024]],
    ['a dynamic square model stretches', dynamic, 2048, [600, 400], [2048, 2048]],
    ["MODNet's shorter side is 512", find('modnet'), 512, [1000, 1000], [512, 512]],
    ['the longer side is floored to multiples of 32', find('modnet'), 512, [600, 400], [768, 512]],
    ['the same for an upright picture', find('modnet'), 512, [400, 600], [512, 768]],
    ['693.3 px are floored to 672', find('modnet'), 512, [650, 480], [672, 512]],
    ['a side just below the next multiple is floored', find('modnet'), 512, [767, 512], [736, 512]],
    ['a larger operating resolution', find('modnet'), 1024, [800, 400], [2048, 1024]],
    ['a smaller picture is enlarged', find('modnet'), 512, [40, 30], [672, 512]],
    ['one pixel', find('modnet'), 512, [1, 1], [512, 512]],
    ['the longer side is at most four times the shorter', find('modnet'), 512, [30_000, 300], [2048, 512]],
    ['the same for a tall picture', find('modnet'), 512, [1, 5000], [512, 2048]],
  ] as const)('%s', (_, model, side, [width, height], expected) => {
    const [input, ...finer] = fitInputs(model, side, { width, height })
    expect([input.width, input.height]).toEqual(expected)
    expect(finer).toEqual([])
  })

  test('the shorter side is never rounded down by a whole multiple', () => {
    for (let length = 1; length <= 6000; length++) {
      expect(fitInputs(find('modnet'), 512, { width: length, height: length })).toEqual([
        { width: 512, height: 512 },
      ])
    }
  })

  test.each([
    ['portrait', 2048, [1024, 2048]],
    ['portrait', 1100, [1024, 1100]],
    ['portrait', 4096, [1024, 2048, 4096]],
    ['u2netp', 640, [320, 640]],
    ['u2netp', 2048, [320, 594, 1103, 2048]],
  ])('%s at %i runs in steps of at most two', (id, side, expected) => {
    const inputs = fitInputs(find(id), side, { width: 6000, height: 4000 })
    expect(inputs).toEqual(expected.map(length => ({ width: length, height: length })))
  })

  test.each([
    [800, 600, [1024]],
    [1100, 1500, [1024, 1500]],
  ])('uses at most the size of a picture of %i×%i', (width, height, expected) => {
    const inputs = fitInputs(find('portrait'), 2048, { width, height })
    expect(inputs.map(input => input.width)).toEqual(expected)
  })
})
