import { mkdir } from 'node:fs/promises'
import { nobg } from '@nobg/sharp'

await mkdir('dist', { recursive: true })

// The small model that comes with nobg, so that this example runs offline. Leave it out for BiRefNet: better edges, and a
// download of its weights at the first run.
const options = { model: 'u2netp' }

const { width, height, size } = await nobg('chelsea.png', options)
  .modulate({ brightness: 1.1 })
  .webp({ quality: 90 })
  .toFile('dist/chelsea.webp')

console.log(`dist/chelsea.webp: ${width} × ${height} px, ${Math.round(size / 1000)} kB`)
