/** Fills the package in the working directory: its `prepack`. */
import { basename } from 'node:path'
import { copyRuntime } from './copy-runtime.ts'
import { nameOf, PLATFORMS } from './platforms.ts'

const name = basename(process.cwd())
const platform = PLATFORMS.find(platform => nameOf(platform) === name)
if (!platform) throw new Error(`Expected the folder of a platform, got ${process.cwd()}`)
await copyRuntime(platform, process.cwd())
