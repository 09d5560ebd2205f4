import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ImportTypes } from './declare-imports.ts'

/** A project whose marked imports are declared in one file. */
export interface TypedProject {
  /** Absolute path of the folder with `tsconfig.json` or `package.json`. */
  dir: string
  /** Absolute path of `tsconfig.json`; undefined if the project has none. */
  tsconfig: string | undefined
  host: TypedHost
}

/** What the types of marked imports depend on. */
export interface TypedHost extends ImportTypes {
  name: 'next' | 'astro' | 'other'
  /** The module of unplugin-nobg that declares the known ends; undefined if none does. */
  client: string | undefined
}

const NEXT: TypedHost = {
  name: 'next',
  client: 'unplugin-nobg/next-client',
  picture: 'import("next/image").StaticImageData',
  vite: false,
}

/** Astro, whose integration injects the declarations. */
export const ASTRO: TypedHost = {
  name: 'astro',
  client: undefined,
  picture: 'import("astro").ImageMetadata',
  vite: true,
}

const OTHER: TypedHost = { name: 'other', client: 'unplugin-nobg/client', picture: 'string', vite: true }

const EXTENSIONS = ['js', 'mjs', 'cjs', 'ts', 'mts', 'cts']

/**
 * Finds the project of a folder: the nearest folder with `tsconfig.json` or `package.json`, from that folder up. The root of
 * a bundler may be a folder of sources.
 */
export function findProject(root: string): TypedProject {
  const dir = findUp(root) ?? root
  const tsconfig = join(dir, 'tsconfig.json')
  return { dir, tsconfig: existsSync(tsconfig) ? tsconfig : undefined, host: findHost(dir) }
}

function findUp(folder: string): string | undefined {
  if (['tsconfig.json', 'package.json'].some(name => existsSync(join(folder, name)))) return folder
  const parent = dirname(folder)
  return parent === folder ? undefined : findUp(parent)
}

/** Other tools of a project, such as Storybook, import with the types of its main tool. */
function findHost(dir: string): TypedHost {
  const has = (name: string) =>
    EXTENSIONS.some(extension => existsSync(join(dir, `${name}.config.${extension}`)))
  if (has('next')) return NEXT
  return has('astro') ? ASTRO : OTHER
}
