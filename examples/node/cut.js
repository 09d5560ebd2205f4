import { mkdir, writeFile } from 'node:fs/promises'
import { createRemover } from '@nobg/core'

// The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
const remover = createRemover({ substitute: 'u2netp' })
const { data, width, height } = await remover.removeBackground('cat.jpg', {
  model: 'portrait',
  outputFormat: 'webp',
})

await mkdir('dist', { recursive: true })
await writeFile('dist/cat.webp', data)
console.log(`dist/cat.webp: ${width} × ${height} px`)
