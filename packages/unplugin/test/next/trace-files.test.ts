import { mkdir, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { expect, test } from 'vitest'
import { listTracedFiles } from '../../src/next/trace-files.ts'
import { createProject, type Project } from '../support/project.ts'

const runtime = `@nobg/runtime-${process.platform}-${process.arch}`
const names = ['@nobg/core', '@nobg/u2netp', runtime, 'onnxruntime-common']

async function install(project: Project, folders: string[], dependencies: object): Promise<void> {
  await project.write('app/package.json', JSON.stringify({ dependencies }))
  for (const folder of folders) await project.write(`${folder}/package.json`, '{}')
}

test('packages in the project or above it are traced', async () => {
  const project = await createProject({})
  await install(
    project,
    names.map(name => `node_modules/${name}`),
    { '@nobg/core': '*' },
  )
  const files = listTracedFiles(project.path('app'))
  expect(files).toContain('../node_modules/@nobg/core/{dist,src}/**/*')
  expect(files).toContain('../node_modules/@nobg/u2netp/{package.json,weights/*}')
  expect(files).toContain(`../node_modules/${runtime}/bin/*/${process.platform}/${process.arch}/*`)
  expect(files).toContain('../node_modules/onnxruntime-common/{package.json,dist/**/*}')
  expect(files.join()).not.toMatch(/onnxruntime-(?:node|web)/)
})

test.for(['onnxruntime-node', 'onnxruntime-web'])(
  '%s of the user is traced, and onnxruntime-common once',
  async name => {
    const project = await createProject({})
    await install(
      project,
      [...names, name].map(name => `node_modules/${name}`),
      { '@nobg/core': '*' },
    )
    const files = listTracedFiles(project.path('app'))
    expect(files).toContain(`../node_modules/${name}/dist/ort-wasm-simd-threaded.{mjs,wasm}`)
    expect(files).toContain(`../node_modules/${name}/dist/{index,backend,binding,version}.js`)
    expect(new Set(files).size).toBe(files.length)
  },
)

test('in an isolated layout, each package is found from the package that depends on it', async () => {
  const project = await createProject({})
  const store = 'node_modules/.pnpm'
  const links = [
    ['app/node_modules/@nobg/core', `${store}/core/node_modules/@nobg/core`],
    [`${store}/core/node_modules/${runtime}`, `${store}/onnx/node_modules/${runtime}`],
    [`${store}/core/node_modules/@nobg/u2netp`, `${store}/u2netp/node_modules/@nobg/u2netp`],
    [`${store}/node_modules/onnxruntime-common`, `${store}/common/node_modules/onnxruntime-common`],
  ]
  await install(
    project,
    links.map(([, target]) => target),
    { '@nobg/core': '*' },
  )
  for (const [link, target] of links) {
    await mkdir(dirname(project.path(link)), { recursive: true })
    await symlink(project.path(target), project.path(link))
  }
  const files = listTracedFiles(project.path('app')).join()
  for (const [link] of links.slice(1)) expect(files).toContain(`../${link}/`)
})

test.for([{}, { next: '*' }])('nothing is traced for a project that depends on %o', async dependencies => {
  const project = await createProject({})
  await install(
    project,
    names.map(name => `node_modules/${name}`),
    dependencies,
  )
  expect(listTracedFiles(project.path('app'))).toEqual([])
})
