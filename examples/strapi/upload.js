// Sends a photograph through the middleware, on Koa and koa-body, which are the server and the parser of forms of Strapi 5.
const { openAsBlob } = require('node:fs')
const { copyFile, mkdir } = require('node:fs/promises')
const Koa = require('koa')
const { koaBody } = require('koa-body')
const middlewares = require('./config/middlewares.js')
const cutOutUploads = require('./src/middlewares/cut-out-uploads.js')

const { config } = middlewares.find(({ name }) => name === 'global::cut-out-uploads')
const app = new Koa({ silent: true })
app.use(koaBody({ multipart: true }))
app.use(cutOutUploads(config))
// In Strapi, the upload plugin follows and stores the files.
app.use(async ctx => {
  const { filepath, originalFilename: name, mimetype, size } = ctx.request.files.files
  await mkdir('dist', { recursive: true })
  await copyFile(filepath, `dist/${name}`)
  ctx.body = `dist/${name}: ${mimetype}, ${size} bytes`
})

async function upload(photo, { port }) {
  const form = new FormData()
  form.set('files', await openAsBlob(photo, { type: 'image/jpeg' }), photo)
  const response = await fetch(`http://127.0.0.1:${port}/api/upload`, { method: 'POST', body: form })
  const text = await response.text()
  console.log(response.ok ? text : `${photo}: ${response.status}, ${text}`)
  process.exit(response.ok ? 0 : 1)
}

const server = app.listen(0, '127.0.0.1', () => upload('cat.jpg', server.address()))
