import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { FILLER, fillDisk, mountSmallDisk } from '../../core/test/support/small-disk.ts'
import { writeBytes, writePicture } from '../src/write-file.ts'
import { makeDir } from './support/workspace.ts'

const large = Buffer.alloc(1 << 18, 1)

describe('a file', () => {
  test('is written with its folder, and replaces another file', async () => {
    const path = join(makeDir(), 'new/folder/file')
    await writeBytes(path, Buffer.from('one'))
    await writeBytes(path, Buffer.from('two'))
    expect(readFileSync(path, 'utf8')).toBe('two')
    await writePicture(path, `${path}.copy`)
    expect(readFileSync(`${path}.copy`, 'utf8')).toBe('two')
    expect(readdirSync(join(path, '..'))).toEqual(['file', 'file.copy'])
  })

  test('that cannot be written leaves nothing, and the error has the reason', async () => {
    const dir = makeDir()
    mkdirSync(join(dir, 'taken/by'), { recursive: true })
    await expect(writeBytes(join(dir, 'taken'), Buffer.from('x'))).rejects.toThrow(
      /^Expected to write .*taken, got: /,
    )
    await expect(writePicture(join(dir, 'none'), join(dir, 'x'))).rejects.toMatchObject({ code: 'ENOENT' })
    expect(readdirSync(dir)).toEqual(['taken'])
  })

  test.skipIf(process.platform !== 'linux')('in a folder that cannot be created is an error', async () => {
    await expect(writeBytes('/proc/none/deep/x', Buffer.from('x'))).rejects.toThrow(
      'no such file or directory',
    )
  })

  test('below a file is an error', async () => {
    const path = join(makeDir(), 'file')
    await writeBytes(path, Buffer.from('x'))
    await expect(writeBytes(join(path, 'a/b'), Buffer.from('x'))).rejects.toThrow(/a.b, got: \S/)
    expect(readFileSync(path, 'utf8')).toBe('x')
  })

  test.for([
    ['writeBytes', (_: string, path: string) => writeBytes(path, large)],
    ['writePicture', writePicture],
  ] as const)('on a full disk is an error, and the file of before stays: %s', async ([, write], context) => {
    const disk = mountSmallDisk(context)
    const [from, path] = [join(makeDir(), 'large'), join(disk, 'cutout.png')]
    writeFileSync(from, large)
    await writeBytes(path, Buffer.from('former'))
    fillDisk(disk)
    await expect(write(from, path)).rejects.toMatchObject({
      code: 'ENOSPC',
      message: `Expected to write ${path}, got: no space left on device.`,
    })
    expect(readFileSync(path, 'utf8')).toBe('former')
    expect(readdirSync(disk).sort()).toEqual(['cutout.png', FILLER])
  })
})
