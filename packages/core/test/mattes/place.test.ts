import { join, sep } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parsePlace, placeOf } from '../../src/mattes/place.ts'

const root = join(sep, 'work', 'site')
const subject = {
  name: 'ada',
  digest: '9f3ac2d1'.padEnd(64, '0'),
  model: 'portrait',
  operatingResolution: 1024,
}

function folderOf(path: string | undefined): string {
  return placeOf({ ...subject, path }, root).folders.join('/')
}

test('names the matte after model, resolution and content', () => {
  const place = placeOf({ ...subject, path: join(root, 'src/photos/ada.jpg') }, root)
  expect(place.folders).toEqual(['src', 'photos', 'ada.jpg'])
  expect(place.fileName).toBe('portrait-1024.9f3ac2d1.png')
})

describe.each([
  ['a photograph below the root', 'src/ada.jpg', 'src/ada.jpg'],
  ['a photograph in a sibling package', '../shared/ada.jpg', '_up/shared/ada.jpg'],
  ['a photograph two levels up', '../../ada.jpg', '_up/_up/ada.jpg'],
  ['characters that Windows refuses', 'a:b?*"<>|.jpg', 'a%3Ab%3F%2A%22%3C%3E%7C.jpg'],
  ['a percent sign', '100%.jpg', '100%25.jpg'],
  ['a device name of Windows', 'con.jpg', '%63on.jpg'],
  ['a name that stands for the parent folder', '_up/ada.jpg', '%5Fup/ada.jpg'],
  ['a trailing dot', 'ada./b.jpg', 'ada%2E/b.jpg'],
  ['a control character', 'a\nb.jpg', 'a%0Ab.jpg'],
  ['letters of all scripts', 'фото 写真.jpg', 'фото 写真.jpg'],
])('%s', (_, path, folder) => {
  test('has a folder of its own', () => {
    expect(folderOf(join(root, path))).toBe(folder)
  })

  test('is found again from the path of its matte', () => {
    const { folders, fileName } = placeOf({ ...subject, path: join(root, path) }, root)
    expect(parsePlace([...folders, fileName].join(sep), root)).toMatchObject({
      photograph: join(root, path),
      model: 'portrait',
      operatingResolution: 1024,
      digest: '9f3ac2d1',
    })
  })
})

test('decomposed and composed accents share a folder', () => {
  expect(folderOf(join(root, 'e\u0301.jpg'))).toBe(folderOf(join(root, '\u00e9.jpg')))
})

test('long names stay below the limit of file systems and stay different', () => {
  const [first, second] = ['a', 'b'].map(end => folderOf(join(root, `${'写'.repeat(80)}${end}.jpg`)))
  expect(Buffer.byteLength(first)).toBeLessThan(256)
  expect(first).not.toBe(second)
})

test('an image that is no file is named after its source', () => {
  expect(folderOf(undefined)).toBe('_data/ada')
})

test.each(['readme.md', 'ada.jpg/notes.png', 'portrait-1024.9f3ac2d1.png', 'ada.jpg/portrait-1024.XYZ.png'])(
  '%s is no kept matte',
  path => {
    expect(parsePlace(path.replaceAll('/', sep), root)).toBeUndefined()
  },
)
