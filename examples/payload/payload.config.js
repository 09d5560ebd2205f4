import { sqliteAdapter } from '@payloadcms/db-sqlite'
import { buildConfig } from 'payload'
import sharp from 'sharp'
import { cutOutUpload } from './cut-out-upload.js'

const cutouts = {
  slug: 'cutouts',
  upload: { staticDir: 'dist', mimeTypes: ['image/*'] },
  hooks: { beforeOperation: [cutOutUpload] },
  fields: [{ name: 'alt', type: 'text' }],
}

export default buildConfig({
  secret: 'only for this example',
  collections: [cutouts],
  db: sqliteAdapter({ client: { url: 'file:dist/payload.db' } }),
  sharp,
})
