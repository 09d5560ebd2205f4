import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Platform } from './platforms.ts'

/** The folder of onnxruntime-node, the source of all files. */
export const RUNTIME_DIR = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')))

/** The CommonJS files of onnxruntime-common, the only package that the copied scripts need. */
const COMMON_DIR = dirname(createRequire(join(RUNTIME_DIR, 'package.json')).resolve('onnxruntime-common'))

/** Texts of this folder that every package has. License and notices are those of ONNX Runtime 1.30.0. */
const TEXTS = ['LICENSE', 'README.md', 'ThirdPartyNotices.txt']

/**
 * Fills the folder of a platform's package: JavaScript, the platform's binaries, license and notices. onnxruntime-common is
 * copied too: pnpm 9 and 10 do not install a package that the skipped packages of other systems depend on as well.
 */
export async function copyRuntime(platform: Platform, target: string): Promise<void> {
  // dist/binding.js loads `../bin/napi-v6/<platform>/<arch>/onnxruntime_binding.node`.
  const bin = join('bin/napi-v6', platform.os, platform.cpu)
  await Promise.all(['bin', 'dist'].map(folder => rm(join(target, folder), { recursive: true, force: true })))
  await copyScripts(COMMON_DIR, join(target, 'dist/common'))
  await copyScripts(join(RUNTIME_DIR, 'dist'), join(target, 'dist'))
  await copyFiles(RUNTIME_DIR, target, bin, await listBinaries(join(RUNTIME_DIR, bin)))
  await copyFiles(join(import.meta.dirname, '..'), target, '.', TEXTS)
}

async function copyScripts(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true })
  const names = (await readdir(from)).filter(name => name.endsWith('.js'))
  for (const name of names) {
    const text = await readFile(join(from, name), 'utf8')
    const script = text.replace(/\n\/\/# sourceMappingURL=.*/, '')
    await writeFile(join(to, name), script.replaceAll('"onnxruntime-common"', '"./common/index.js"'))
  }
}

async function copyFiles(from: string, to: string, folder: string, names: string[]): Promise<void> {
  await mkdir(join(to, folder), { recursive: true })
  await Promise.all(names.map(name => copyFile(join(from, folder, name), join(to, folder, name))))
}

/**
 * Lists the binaries of a folder. A macOS library is there twice, since npm packs no links: only the file whose name the
 * addon contains is loaded.
 */
async function listBinaries(folder: string): Promise<string[]> {
  const names = await readdir(folder)
  const addon = await readFile(join(folder, 'onnxruntime_binding.node'))
  return names.filter(name => !name.endsWith('.dylib') || addon.includes(name))
}
