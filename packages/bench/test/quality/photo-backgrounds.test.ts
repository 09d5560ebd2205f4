import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { findPhotoBackgrounds } from '../../src/quality/photo-backgrounds.ts'
import { placeInScenes } from '../../src/quality/scenes.ts'
import type { Truth } from '../../src/quality/truth.ts'

const shared = fileURLToPath(new URL('../../../../../shared', import.meta.url))

test('has no backgrounds if a photograph is missing', () => {
  expect(findPhotoBackgrounds(join(shared, 'no-such-folder'))).toBeUndefined()
})

test('a scene shows the subject over a part of a photograph', async ({ skip }) => {
  const folder = join(shared, 'photos', 'measure')
  if (!existsSync(folder)) return skip('needs the photographs')
  // Red, opaque in the left half.
  const truth: Truth = {
    name: 'half',
    width: 40,
    height: 20,
    picture: Uint8Array.from({ length: 2400 }, (_, i) => (i % 3 === 0 ? 255 : 0)),
    alpha: Uint8Array.from({ length: 800 }, (_, i) => (i % 40 < 20 ? 255 : 0)),
  }
  const [scene] = await placeInScenes([truth], findPhotoBackgrounds(folder))
  expect([scene.width, scene.height]).toEqual([2048, 1024])
  const at = (x: number, y: number) => (y * 2048 + x) * 3
  expect([...scene.picture.subarray(at(1010, 512), at(1010, 512) + 3)]).toEqual([255, 0, 0])
  expect([...scene.picture.subarray(at(1040, 512), at(1040, 512) + 3)]).not.toEqual([255, 0, 0])
  // Leaves are green, and not of one color.
  const row = Array.from({ length: 900 }, (_, x) => scene.picture[at(x, 500) + 1])
  expect(Math.max(...row) - Math.min(...row)).toBeGreaterThan(60)
})
