// Uploads a photograph, as the admin panel does.
import { mkdir } from 'node:fs/promises'
import { getPayload } from 'payload'
import config from './payload.config.js'

await mkdir('dist', { recursive: true })
const payload = await getPayload({ config })
const { filename, mimeType, width, height } = await payload.create({
  collection: 'cutouts',
  data: { alt: 'Chelsea the cat' },
  filePath: 'cat.jpg',
})
console.log(`dist/${filename}: ${mimeType}, ${width} × ${height} px`)
process.exit()
