import { readdir } from 'node:fs/promises'
import type { OutputChunk, OutputOptions, RenderedModule } from 'rollup'
import { describe, expect, test } from 'vitest'
import { createProject } from '../support/project.ts'
import { type Tool, testNobg, tools } from './build.ts'

const files = {
  'src/main.js': "export { cat } from './pets/list.js'\nexport const lazy = () => import('./pets/lazy.js')",
  'src/pets/list.js': "import picture from '../cat.jpg?nobg'\nexport const cat = [picture]",
  'src/pets/lazy.js': "export const picture = () => import('../cat.jpg?nobg&crop')",
  'package.json': '{}',
}

/** The chunks of a project with the default cache folder. */
async function bundle(
  tool: Tool,
  output: OutputOptions,
): Promise<{ chunks: OutputChunk[]; names: string[] }> {
  const project = await createProject(files)
  const cacheDir = project.path('node_modules/.cache/nobg')
  const build = await tools[tool].bundle({
    input: project.path('src/main.js'),
    plugins: testNobg(tool, { cacheDir }),
    onLog() {},
  })
  const dir = project.path('dist')
  const { output: written } = await build.write({ dir, ...output })
  await build.close()
  return {
    chunks: written.filter(file => file.type === 'chunk'),
    names: (await readdir(dir, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile())
      .map(entry => `${entry.parentPath}/${entry.name}`.slice(dir.length + 1))
      .sort(),
  }
}

describe.for(Object.keys(tools) as Tool[])('%s', tool => {
  test('preserveModules writes a module next to the module of the photograph', async () => {
    const { names } = await bundle(tool, { preserveModules: true, entryFileNames: '[name].js' })
    expect(names.filter(name => name.endsWith('.js'))).toEqual([
      expect.stringMatching(/^cat-[\da-f]{8}\.webp\.js$/),
      expect.stringMatching(/^cat-[\da-f]{8}\.webp\.js$/),
      'main.js',
      'pets/lazy.js',
      'pets/list.js',
    ])
    expect(names.filter(name => name.endsWith('.webp'))).toHaveLength(2)
  })

  test('manualChunks gets a path next to the photograph', async () => {
    const ids: string[] = []
    const { names } = await bundle(tool, {
      manualChunks(id) {
        ids.push(id)
        return id.includes('node_modules') ? id.split('node_modules/')[1].split('/')[0] : undefined
      },
    })
    expect(ids.filter(id => id.includes('.cache'))).toEqual([])
    expect(ids.filter(id => /\/src\/cat-[\da-f]{8}\.webp$/.test(id)).length).toBeGreaterThan(0)
    expect(names.filter(name => name.startsWith('.'))).toEqual([])
  })

  test('chunks contain no module of the cache', async () => {
    const { chunks } = await bundle(tool, {})
    const modules = chunks.flatMap(chunk => Object.keys(chunk.modules as Record<string, RenderedModule>))
    expect(modules.join()).toMatch(/\/src\/cat-[\da-f]{8}\.webp/)
    expect(modules.join()).not.toContain('.cache')
    expect(chunks.map(({ facadeModuleId }) => facadeModuleId).join()).not.toContain('.cache')
  })
})
