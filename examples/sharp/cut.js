import { mkdir } from 'node:fs/promises'
import { nobg } from '@nobg/sharp'

await mkdir('dist', { recursive: true })

// u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet: edges are better, and the first
// run downloads weights.
const options = { model: 'u2netp' }

const { width, height, size } = await nobg('chelsea.png', options)
  .modulate({ brightness: 1.1 })
  .webp({ quality: 90 })
  .toFile('dist/chelsea.webp')

console.log(`dist/chelsea.webp: ${width} × ${height} px, ${Math.round(size / 1000)} kB`)
