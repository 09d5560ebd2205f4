import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { Platform } from './platforms.ts'

/** The folder of onnxruntime-node, the source of all files. */
export const RUNTIME_DIR = dirname(dirname(createRequire(import.meta.url).resolve('onnxruntime-node')))

/** Texts of this folder that every package has. License and notices are those of ONNX Runtime 1.30.0. */
const TEXTS = ['LICENSE', 'README.md', 'ThirdPartyNotices.txt']

/** Fills the folder of a platform's package: JavaScript, the platform's binaries, license and notices. */
export async function copyRuntime(platform: Platform, target: string): Promise<void> {
  // dist/binding.js loads `../bin/napi-v6/<platform>/<arch>/onnxruntime_binding.node`.
  const bin = join('bin/napi-v6', platform.os, platform.cpu)
  await Promise.all(['bin', 'dist'].map(folder => rm(join(target, folder), { recursive: true, force: true })))
  const scripts = (await readdir(join(RUNTIME_DIR, 'dist'))).filter(name => name.endsWith('.js'))
  await copyFiles(RUNTIME_DIR, target, 'dist', scripts)
  await copyFiles(RUNTIME_DIR, target, bin, await listBinaries(join(RUNTIME_DIR, bin)))
  await copyFiles(join(import.meta.dirname, '..'), target, '.', TEXTS)
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
