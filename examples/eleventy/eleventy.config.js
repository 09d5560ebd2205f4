import Image from '@11ty/eleventy-img'
import { createRemover } from '@nobg/core'

const remover = createRemover({
  // The folder of mattes, which is committed.
  mattes: 'mattes',
  // u2netp is part of nobg, so this example runs offline. Without the line, nobg uses BiRefNet.
  substitute: 'u2netp',
  // eleventy-img brings another version of sharp. With this option, nobg's sharp runs in processes of its own.
  isolate: true,
})

/** The path of a cutout. */
async function cutOut(photo, options) {
  try {
    // PNG, because eleventy-img encodes the picture again.
    const plan = await remover.plan(photo, { ...options, outputFormat: 'png' })
    await remover.ensure(plan)
    return plan.file
  } catch (error) {
    // Eleventy prints the message and the place in the page.
    throw new Error(`${photo}: ${error.message}`, { cause: error })
  }
}

/** The HTML of a cutout in several sizes and formats: `{% cutout "photos/cat.jpg", "A cat" %}`. */
async function cutout(photo, alt, options) {
  const metadata = await Image(await cutOut(photo, options), {
    widths: [120, 'auto'],
    formats: ['avif', 'webp'],
    outputDir: 'dist/img',
    urlPath: '/img/',
  })
  return Image.generateHTML(metadata, { alt, sizes: '240px', loading: 'lazy' })
}

export default function (eleventyConfig) {
  eleventyConfig.addWatchTarget('photos')
  eleventyConfig.addWatchTarget('mattes')
  eleventyConfig.addShortcode('cutout', cutout)
}

export const config = { dir: { input: 'src', output: 'dist' } }
