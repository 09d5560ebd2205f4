import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createProject } from '../support/project.ts'

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const compilerOptions = {
  target: 'ES2023',
  module: 'ESNext',
  moduleResolution: 'Bundler',
  strict: true,
  noEmit: true,
  skipLibCheck: true,
}

const main = `
import lastPreset from './a.jpg?crop&nobg=general-light'
import last from './a.jpg?crop&outputFormat=webp&nobg'
import bare from './a.jpg?nobg'
import preset from './a.jpg?nobg=portrait'
// @ts-expect-error no model has this name: a typing mistake is found before the build
import mistake from './a.jpg?nobg=portrat'
// @ts-expect-error the plugins declare the other orders of words in a file of the project
import first from './a.jpg?nobg&threshold=0.5'
import model from './a.jpg?nobg&model=u2netp'
import modelFirst from './a.jpg?model=u2netp&nobg'
import modelLast from './a.jpg?nobg&crop=5%&model=portrait'
import fal from './a.jpg?nobg&model=General Use (Light)'
import falEncoded from './a.jpg?crop&nobg&model=General%20Use%20(Heavy)'
import falPlus from './a.jpg?nobg=General+Use+(Light)'
import falShort from './a.jpg?nobg=Portrait'
import crop from './a.jpg?nobg&crop'
import url from './a.jpg?nobg&url'
import sibling from './a.nobg.jpg'
import siblingPreset from './a.nobg-portrait.png'

const models: string[] = [model, modelFirst, modelLast, fal, falEncoded, falPlus, falShort]
const urls: string[] = [bare, last, preset, lastPreset, crop, url, sibling, siblingPreset]
// @ts-expect-error a URL is a string, not any
const size: number = bare

export { first, mistake, models, size, urls }
`

const nextMain = `
import last from './a.jpg?crop&nobg'
import bare from './a.jpg?nobg'
import preset from './a.jpg?nobg=portrait'
// @ts-expect-error no model has this name
import mistake from './a.jpg?nobg=portrat'

const widths: number[] = [bare.width, last.width, preset.width]
const url: string = bare.src
// @ts-expect-error an image is an object, not any
const text: string = bare

export { mistake, text, url, widths }
`

test.for([
  ['Vite', ['vite/client', 'unplugin-nobg/client'], main],
  ['Next.js', ['unplugin-nobg/next-client'], nextMain],
] as const)(
  'marked imports have types in the TypeScript of the workspace: %s',
  async ([, types, content]) => {
    const project = await createProject({
      'main.ts': content,
      'tsconfig.json': JSON.stringify({ compilerOptions: { ...compilerOptions, types } }),
    })
    await mkdir(project.path('node_modules'))
    await symlink(pathOf('../..'), project.path('node_modules/unplugin-nobg'))
    await symlink(pathOf('../../node_modules/vite'), project.path('node_modules/vite'))
    await symlink(pathOf('../../../../examples/next/node_modules/next'), project.path('node_modules/next'))
    const tsc = pathOf('../../../../node_modules/.bin/tsc')
    const run = await promisify(execFile)(tsc, ['-p', project.root]).catch(error => error)
    expect(run.stdout).toBe('')
  },
)
