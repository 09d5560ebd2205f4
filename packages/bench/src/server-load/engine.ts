// The engine alone, in a process of its own: cuts out the pictures that come by message, two at a time, as the server does.
import { createRemover } from '@nobg/core'

const quiet = { info() {}, warn() {} }
const remover = createRemover({ cacheDir: process.argv[2], download: false, logger: quiet })
process.on('message', async ({ id, image }: { id: number; image: Uint8Array }) => {
  await remover.removeBackground(image, { model: 'u2netp' })
  process.send?.(id)
})
process.on('disconnect', () => remover.close())
process.send?.('ready')
