import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fillDisk, mountSmallDisk } from '../../../core/test/support/small-disk.ts'
import { createKeyFile, openSigningKey } from '../../src/webhooks/signing-key.ts'

test('a full disk keeps no part of a key', async context => {
  const dir = mountSmallDisk(context)
  fillDisk(dir, 0)
  const file = createKeyFile(join(dir, 'key.pem'))
  await expect(openSigningKey(file)).rejects.toMatchObject({ code: 'ENOSPC' })
  expect(await readdir(dir)).toEqual(['filler'])
})
