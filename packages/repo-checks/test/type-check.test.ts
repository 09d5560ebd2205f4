import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test } from 'vitest'

const packagesDir = resolve(import.meta.dirname, '../..')
const nobg = join(packagesDir, 'cli/src/bin.ts')
const tsc = resolve(packagesDir, '../node_modules/.bin/tsc')

/** The compiler options of create-vite's templates. */
const compilerOptions = {
  target: 'es2023',
  lib: ['ES2023', 'DOM'],
  module: 'esnext',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  strict: true,
  noEmit: true,
  noUnusedLocals: true,
  // The declarations are checked too.
  skipLibCheck: false,
  types: [],
}

/** The first import of the README, the same in other orders, and words of other plugins. */
const main = `
import portrait from './ada.jpg?nobg&model=portrait'
import modelFirst from './ada.jpg?model=portrait&nobg'
import fal from './ada.jpg?nobg&crop&model=General%20Use%20(Light)'
import crop from './ada.jpg?nobg&model=portrait&crop=5%25&threshold=0.5'
import middle from './ada.jpg?crop=24px&nobg&backgroundColor=white'
import tools from './ada.jpg?nobg&w=400&format=webp'
import sizes from './ada.jpg?w=400;800&nobg'
import preset from './ada.jpg?nobg=hero&crop'
import url from './ada.jpg?nobg=hero&threshold=0.1&url'
import sibling from './ada.nobg-hero.jpg'
const later = import('./ada.jpg?nobg&allowEmpty&crop=1')

export const images: string[] = [portrait, modelFirst, fal, crop, middle, tools, preset, url, sibling, ...sizes]
export const promised: Promise<string> = later.then(module => module.default)
// @ts-expect-error a URL is a string, not any
export const size: number = crop
`

const files: Record<string, Record<string, string>> = {
  'project references': {
    'tsconfig.json': JSON.stringify({
      files: [],
      references: [{ path: './tsconfig.app.json' }, { path: './tsconfig.node.json' }],
    }),
    'tsconfig.app.json': JSON.stringify({
      compilerOptions: { ...compilerOptions, tsBuildInfoFile: './node_modules/.tmp/app.tsbuildinfo' },
      include: ['src'],
    }),
    'tsconfig.node.json': JSON.stringify({
      compilerOptions: { ...compilerOptions, tsBuildInfoFile: './node_modules/.tmp/node.tsbuildinfo' },
      include: ['vite.config.ts'],
    }),
    'vite.config.ts': 'export default {}',
  },
  'one project of src': { 'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }) },
  'one project': { 'tsconfig.json': JSON.stringify({ compilerOptions }) },
}

test.each(Object.entries(files))(
  'after nobg types, tsc -b accepts every order of words: %s',
  async (_, given) => {
    const root = await realpath(await mkdtemp(join(tmpdir(), 'nobg-types-')))
    onTestFinished(() => rm(root, { recursive: true, force: true }))
    for (const [file, text] of Object.entries({ 'package.json': '{}', 'src/main.ts': main, ...given })) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), text)
    }
    await mkdir(join(root, 'node_modules'))
    await symlink(join(packagesDir, 'unplugin'), join(root, 'node_modules/unplugin-nobg'))
    const check = () => execa(tsc, ['-b'], { cwd: root, reject: false })
    expect((await check()).stdout).toContain(
      "error TS2307: Cannot find module './ada.jpg?nobg&model=portrait'",
    )
    await execa(process.execPath, [nobg, 'types'], { cwd: root })
    expect((await check()).stdout).toBe('')
  },
)
