import { expect, test } from 'vitest'
import { labelAgreement, measureAgreement } from '../../src/findings/agreement.ts'

/** A matte of 10 × 10 whose first pixels have an alpha. */
const fill = (count: number, alpha = 255) => ({
  data: Uint8Array.from({ length: 100 }, (_, i) => (i < count ? alpha : 0)),
  width: 10,
  height: 10,
})

test.each([
  [fill(40), fill(40), { iou: 1, softIou: 1 }],
  [fill(30), fill(40), { iou: 0.75, softIou: 0.75 }],
  [fill(40, 153), fill(40), { iou: 1, softIou: 0.6 }],
  [fill(40, 51), fill(40), { iou: 0, softIou: 0.2 }],
  [fill(0), fill(40), { iou: 0, softIou: 0 }],
  [fill(0), fill(0), { iou: 1, softIou: 1 }],
])('compares mattes', (matte, truth, expected) => {
  expect(measureAgreement(matte, truth)).toEqual(expected)
})

test.each([
  [0.79, 1, 'bad'],
  [1, 0.69, 'bad'],
  [0.8, 0.7, 'gray'],
  [0.93, 0.84, 'gray'],
  [0.92, 0.85, 'gray'],
  [0.93, 0.85, 'good'],
] as const)('%f and %f are %s', (iou, softIou, label) => {
  expect(labelAgreement({ iou, softIou })).toBe(label)
})
