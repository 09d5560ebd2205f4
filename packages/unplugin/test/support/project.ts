import { randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const photos = fileURLToPath(new URL('../fixtures/photos', import.meta.url))

const PICTURE = /\.(?:jpe?g|png|webp)$/

/** A project in a temporary folder. */
export interface Project {
  root: string
  path(file: string): string
  read(file: string): Promise<Buffer>
  write(file: string, content: string | Uint8Array): Promise<void>
  /** Puts one of the photographs of `fixtures/photos` into the project. */
  photo(name: string, file: string): Promise<void>
}

/** Makes a project of text files, with the cat as `src/cat.jpg`. The end of the test removes the project. */
export async function createProject(files: Record<string, string>): Promise<Project> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'nobg-')))
  // A draft that was begun before the server ended may still be written.
  onTestFinished(() => rm(root, { recursive: true, force: true, maxRetries: 10 }))
  const path = (file: string) => join(root, file)
  const project: Project = {
    root,
    path,
    read: file => readFile(path(file)),
    async write(file, content) {
      await mkdir(dirname(path(file)), { recursive: true })
      if (!PICTURE.test(file)) return writeFile(path(file), content)
      // At once: a watcher that reads half a picture reports an error.
      const part = path(`.${randomUUID()}`)
      await writeFile(part, content)
      await rename(part, path(file))
    },
    photo: async (name, file) => project.write(file, await readFile(join(photos, name))),
  }
  await project.photo('cat.jpg', 'src/cat.jpg')
  for (const [file, content] of Object.entries(files)) await project.write(file, content)
  return project
}

/** Lets a project import packages that are installed for a package of the workspace. */
export async function linkModules(project: Project, packageName: string, ...names: string[]): Promise<void> {
  const modules = fileURLToPath(new URL(`../../../${packageName}/node_modules/`, import.meta.url))
  await mkdir(project.path('node_modules'), { recursive: true })
  for (const name of names) await symlink(join(modules, name), project.path(`node_modules/${name}`))
}
