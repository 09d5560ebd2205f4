import { expect, test, vi } from 'vitest'
import { parsePlace, placeOf } from '../../src/mattes/place.ts'

vi.mock('node:path', async importOriginal => (await importOriginal<typeof import('node:path')>()).win32)

const root = 'C:\\projects\\site'

function locate(path: string): string {
  const subject = {
    name: 'ada',
    digest: '9f3ac2d1'.padEnd(64, '0'),
    model: 'portrait',
    operatingResolution: 1024,
  }
  const { folders, fileName } = placeOf({ ...subject, path }, root)
  return [...folders, fileName].join('\\')
}

test.each([
  ['below the root', 'C:\\projects\\site\\src\\ada.jpg', 'src\\ada.jpg'],
  ['written with slashes, as Vite does', 'C:/projects/site/src/ada.jpg', 'src\\ada.jpg'],
  ['written with another case of the root', 'c:\\Projects\\Site\\src\\ada.jpg', 'src\\ada.jpg'],
  ['in a sibling package', 'C:\\projects\\shared\\ada.jpg', '_up\\shared\\ada.jpg'],
])('a photograph %s has its place, and is found again from it', (_, path, folder) => {
  const place = locate(path)
  expect(place).toBe(`${folder}\\portrait-1024.9f3ac2d1.png`)
  const { photograph } = parsePlace(place, root)!
  expect(photograph!.toLowerCase()).toBe(path.replaceAll('/', '\\').toLowerCase())
})

test.each([
  ['another drive', 'D:\\photos\\ada.jpg', '_drive\\D%3A\\photos\\ada.jpg'],
  ['a network share', '\\\\server\\share\\ada.jpg', '_drive\\server\\share\\ada.jpg'],
])('a photograph on %s has a place inside the folder, which does not name its path', (_, path, folder) => {
  const place = locate(path)
  expect(place).toBe(`${folder}\\portrait-1024.9f3ac2d1.png`)
  expect(parsePlace(place, root)).toMatchObject({ photograph: undefined, digest: '9f3ac2d1' })
})
