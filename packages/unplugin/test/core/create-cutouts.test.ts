import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { FILLER, fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { createCutouts } from '../../src/core/create-cutouts.ts'
import { resolveOptions } from '../../src/core/options.ts'
import { parseReference } from '../../src/references/reference.ts'
import { testOptions } from '../support/cache-dir.ts'

const coffee = resolve(import.meta.dirname, '../../../../examples/vite/src/photos/coffee.png')
const logger = { info() {}, warn() {} }

test('a picture that the disk cannot hold is reported, and is whole or not there', async context => {
  const cacheDir = mountSmallDisk(context)
  const options = { ...testOptions, store: new Map(), cacheDir }
  const cutouts = createCutouts(resolveOptions(options, {}), cacheDir, logger)
  const reference = parseReference('./coffee.png?nobg&outputFormat=webp&outputQuality=1')
  const planned = await cutouts.plan(coffee, reference!, { text: './coffee.png?nobg', importer: undefined })
  fillDisk(cacheDir)
  await expect(cutouts.ensure(planned)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(existsSync(planned.file)).toBe(false)
  rmSync(join(cacheDir, FILLER))
  await cutouts.ensure(planned)
  expect((await sharp(readFileSync(planned.file)).metadata()).format).toBe('webp')
})
