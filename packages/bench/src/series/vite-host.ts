import { fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { fetchPicture, type Host } from './host.ts'

/**
 * Opens Vite's development server with the plugin. Modules of the project import half of the pictures. The other half is
 * requested by its URL, as a page with `<img src>` does.
 *
 * @param root folder of the project, which is created
 * @param pictures paths of the photographs
 */
export async function openVite(root: string, pictures: readonly string[]): Promise<Host> {
  await mkdir(join(root, 'src'), { recursive: true })
  await writeFile(join(root, 'index.html'), '<!doctype html>')
  for (const [i, picture] of pictures.entries()) {
    await copyFile(picture, join(root, `src/${i}.jpg`))
    await writeFile(join(root, `src/${i}.js`), `import src from './${i}.jpg?nobg'\nexport default src\n`)
  }
  const script = fileURLToPath(new URL('../first-page/serve-page.ts', import.meta.url))
  const server = fork(script, [root, join(root, '.nobg')], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const gone = once(server, 'exit')
  const [url] = await Promise.race([once(server, 'message'), gone])
  if (typeof url !== 'string') throw new Error(`expected the address of a server, got ${url}`)
  return {
    title: "Vite's development server",
    pid: server.pid!,
    async cut(i) {
      await fetchFinished(i % 2 === 0 ? await readImport(url, i) : new URL(`src/${i}.jpg?nobg`, url).href)
    },
    async close() {
      if (server.connected) server.disconnect()
      await gone
    },
  }
}

/** Requests a module and the picture that it imports, as a browser does. @returns the address of the cutout */
async function readImport(url: string, index: number): Promise<string> {
  const module = await fetchText(new URL(`src/${index}.js`, url))
  const imported = /from "([^"]+)"/.exec(module)?.[1]
  if (!imported) throw new Error(`expected an import of a picture, got ${module}`)
  const picture = await fetchText(new URL(imported, url))
  const address = /export default "([^"]+)"/.exec(picture)?.[1]
  if (!address) throw new Error(`expected the address of a picture, got ${picture}`)
  return new URL(address, url).href
}

/** Requests a cutout until it is finished: before, the plugin answers with the photograph, which must not be stored. */
async function fetchFinished(url: string): Promise<void> {
  while ((await fetchPicture(url)).headers.get('cache-control') === 'no-store') await wait(100)
}

async function fetchText(url: URL): Promise<string> {
  const response = await fetch(url)
  if (response.ok) return response.text()
  throw new Error(`expected a module at ${url}, got ${response.status}: ${await response.text()}`)
}
