const { writeFile } = require('node:fs/promises')
const { createRemover, NobgError } = require('@nobg/core')

// Because the uploads may come from strangers. A small SVG can take minutes to decode.
const LIMITS = { svg: false, maxBytes: 20 * 2 ** 20, maxPixels: 50_000_000 }

/**
 * A middleware of Strapi: uploaded photographs are replaced by their cutouts.
 *
 * @param config nobg's config
 */
module.exports = config => {
  // Strapi brings another version of sharp. With this option, nobg's sharp runs in processes of its own.
  const remover = createRemover({ isolate: true, ...LIMITS, ...config })

  /** Overwrites the temporary file of an upload. */
  async function cutOut(file) {
    const { data } = await remover.removeBackground(file.filepath, { outputFormat: 'webp' })
    await writeFile(file.filepath, data)
    file.originalFilename = file.originalFilename.replace(/\.\w+$/, '.webp')
    file.mimetype = 'image/webp'
    file.size = data.length
  }

  return async (ctx, next) => {
    const isUpload = ctx.method === 'POST' && /^(?:\/api)?\/upload\/?$/.test(ctx.path)
    const files = isUpload ? [ctx.request.files?.files ?? []].flat() : []
    const photos = files.filter(({ mimetype }) => mimetype.startsWith('image/'))
    try {
      await Promise.all(photos.map(cutOut))
    } catch (error) {
      if (error instanceof NobgError) ctx.throw(400, error.message)
      throw error
    }
    await next()
  }
}
