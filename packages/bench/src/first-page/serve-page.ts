// Child process: a development server of one project, with nobg or without. Sends its address.
import { createServer, type PluginOption } from 'vite'

const [root, cacheDir] = process.argv.slice(2)

const server = await createServer({
  root,
  configFile: false,
  logLevel: 'error',
  cacheDir: `${root}/.vite`,
  server: { port: 0, host: '127.0.0.1' },
  plugins: cacheDir ? [await openNobg(cacheDir)] : [],
})
await server.listen()
process.send?.(server.resolvedUrls?.local[0])
process.on('disconnect', async () => {
  await server.close()
  process.exit()
})

async function openNobg(cacheDir: string): Promise<PluginOption> {
  const { default: nobg } = await import('unplugin-nobg/vite')
  return nobg({ cacheDir, substitute: 'u2netp', download: false, dts: false })
}
