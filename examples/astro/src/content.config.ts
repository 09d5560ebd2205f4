import { defineCollection } from 'astro:content'
import { glob } from 'astro/loaders'
import { z } from 'astro/zod'

export const collections = {
  cups: defineCollection({
    loader: glob({ base: './src/cups', pattern: '*.md' }),
    schema: ({ image }) => z.object({ name: z.string(), photo: image() }),
  }),
}
