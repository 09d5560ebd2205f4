import { expect, test } from 'vitest'
import { safeFileName } from '../../src/cache/layout.ts'
import { nameSource } from '../../src/image/source-name.ts'

const names: [location: string | undefined, name: string][] = [
  [undefined, 'image'],
  ['', 'image'],
  ['cat.jpg', 'cat'],
  ['/photos/cat.jpg', 'cat'],
  ['C:\\photos\\cat.jpg', 'cat'],
  ['/photos/', 'photos'],
  ['photo.v2.final.JPEG', 'photo.v2.final'],
  ['no-extension', 'no-extension'],
  ['My holiday (2024) #3.png', 'My-holiday-2024-3'],
  ['Ünïcödé-кошка-猫.png', 'Ünïcödé-кошка-猫'],
  ['cafe\u0301.png', 'café'],
  ['a  b\t\nc.png', 'a-b-c'],
  ['bell\u0007null\u0000.png', 'bell-null'],
  ['<>:"|?*.png', 'image'],
  ['100%.png', '100'],
  ['.hidden', 'hidden'],
  ['.jpg', 'jpg'],
  ['..', 'image'],
  ['...dots....png', 'dots'],
  ['-rf.png', 'rf'],
  ['right\u202etfel.png', 'right-tfel'],
  ['🐈.png', 'image'],
  ['CON.png', 'image-CON'],
  ['nul', 'image-nul'],
  ['com1.tar.gz', 'image-com1.tar'],
  ['console.png', 'console'],
  ['a'.repeat(300), 'a'.repeat(80)],
  [`${'a'.repeat(79)}-b.png`, 'a'.repeat(79)],
  ['猫'.repeat(80), '猫'.repeat(42)],
]

test.each(names)('%j is named %j', (location, name) => {
  expect(nameSource(location)).toBe(name)
  // Naming is idempotent, so a stored file keeps its name if it is read again.
  expect(nameSource(`${name}.png`)).toBe(name)
})

test.each(names)('%j leaves room for what a cache appends', (_, name) => {
  const fileName = `${name}-mask-12345678.webp`
  expect(safeFileName(fileName)).toBe(fileName)
})
