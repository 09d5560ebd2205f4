import { Hono } from 'hono'
import type { Uploads } from '../files/uploads.ts'
import { readBody, readLife } from './read-request.ts'
import type { Services } from './services.ts'

/** `rest.fal.ai`: where an upload begins. The bytes go to the address that it names. */
export function createStorageService({ addresses, settings }: Services, uploads: Uploads): Hono {
  return new Hono().on(
    'POST',
    ['/storage/upload/initiate', '/storage/upload/initiate-multipart'],
    async context => {
      const body = (await readBody(context)) as { content_type?: unknown; file_name?: unknown } | null
      const lifeSeconds = readLife(context.req.header('x-fal-object-lifecycle'), settings.fileLifeSeconds)
      const { uploadToken, fileToken, fileName } = await uploads.begin(body ?? {}, lifeSeconds)
      return context.json({
        upload_url: addresses.ofUpload(uploadToken),
        file_url: addresses.ofFile(fileToken, fileName),
      })
    },
  )
}
