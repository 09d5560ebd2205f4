import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const photos = fileURLToPath(new URL('../fixtures/photos', import.meta.url))

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
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const path = (file: string) => join(root, file)
  const project: Project = {
    root,
    path,
    read: file => readFile(path(file)),
    async write(file, content) {
      await mkdir(dirname(path(file)), { recursive: true })
      await writeFile(path(file), content)
    },
    async photo(name, file) {
      await mkdir(dirname(path(file)), { recursive: true })
      await cp(join(photos, name), path(file))
    },
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
