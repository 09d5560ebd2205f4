// The engine alone in a process: cuts out the pictures of messages, two at a time, as the server does.
import { createRemover } from '@nobg/core'

const quiet = { info() {}, warn() {} }
const remover = createRemover({ cacheDir: process.argv[2], download: false, logger: quiet })
process.on('message', async ({ id, image }: { id: number; image: Uint8Array }) => {
  await remover.removeBackground(image, { model: 'u2netp' })
  process.send?.(id)
})
process.on('disconnect', () => remover.close())
process.send?.('ready')
