import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { prepareBatch } from '../../src/batch/pictures.ts'

test('the pictures of a batch have its sizes in turns, and no two have the same pixels', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-'))
  try {
    const paths = await prepareBatch(folder, { model: 'u2netp', count: 4, sizes: [0.1, 0.2] })
    const sizes = await Promise.all(paths.map(path => sharp(path).metadata()))
    const digests = await Promise.all(
      paths.map(async path =>
        createHash('sha256')
          .update(await readFile(path))
          .digest('hex'),
      ),
    )
    // The window is 6 px narrower and lower than the photograph.
    const ratios = sizes.map(({ width, height }, i) => (width * height) / [1e5, 2e5][i % 2])
    for (const ratio of ratios) expect(ratio).toBeCloseTo(0.97, 1)
    expect(new Set(digests).size).toBe(4)
  } finally {
    await rm(folder, { recursive: true })
  }
})
