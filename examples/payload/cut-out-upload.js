import { createRemover } from '@nobg/core'

const remover = createRemover({
  // u2netp is part of nobg, so this example runs offline. Without the line, nobg uses BiRefNet.
  substitute: 'u2netp',
  // A project of Payload may have another version of sharp. With this option, nobg's sharp runs in processes of its own.
  isolate: true,
  // Limits, because the uploads may come from strangers. A small SVG can take minutes to decode.
  svg: false,
  maxBytes: 20 * 2 ** 20,
  maxPixels: 50_000_000,
})

/** A hook `beforeOperation` of an upload collection: an uploaded photograph is replaced by its cutout. */
export async function cutOutUpload({ args }) {
  const { file } = args.req
  if (!file?.mimetype.startsWith('image/')) return args
  // The bytes are in a temporary file if the option `upload.useTempFiles` is set.
  const photo = file.tempFilePath || file.data
  const { data } = await remover.removeBackground(photo, { outputFormat: 'webp' })
  const name = file.name.replace(/\.\w+$/, '.webp')
  args.req.file = { name, data, size: data.length, mimetype: 'image/webp' }
  return args
}
