import { mkdir, writeFile } from 'node:fs/promises'
import { createRemover } from '@nobg/core'

// u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
const remover = createRemover({ substitute: 'u2netp' })
const { data, width, height } = await remover.removeBackground('cat.jpg', {
  model: 'portrait',
  outputFormat: 'webp',
})

await mkdir('dist', { recursive: true })
await writeFile('dist/cat.webp', data)
console.log(`dist/cat.webp: ${width} × ${height} px`)
