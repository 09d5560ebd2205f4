import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fal, ValidationError } from '@fal-ai/client'

const file = 'cat.jpg'
let told = 0

try {
  const photo = new Blob([await readFile(file)], { type: 'image/jpeg' })
  const { data, requestId } = await fal.subscribe('fal-ai/birefnet', {
    input: { image_url: photo, model: 'Portrait', refine_foreground: true },
    logs: true,
    onQueueUpdate: update => {
      if (update.status === 'IN_QUEUE') return
      for (const { message } of update.logs.slice(told)) console.log(message)
      told = update.logs.length
    },
  })
  const response = await fetch(data.image.url)
  await mkdir('dist', { recursive: true })
  await writeFile('dist/cat.png', new Uint8Array(await response.arrayBuffer()))
  console.log(`dist/cat.png: ${data.image.width} × ${data.image.height} px (request ${requestId})`)
} catch (error) {
  const reasons = error instanceof ValidationError ? error.fieldErrors.map(({ msg }) => msg) : [error.message]
  console.error(`${file}: ${reasons.join(' ')}`)
  process.exitCode = 1
}
