import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** Folder outside the workspace with the packages and weights that nobg is compared with. */
export const peersDir = fileURLToPath(new URL('../peers', import.meta.url))

/** Loads a package of the peers' folder. Its types are not checked: the caller declares them. */
export function requirePeer<Module>(name: string): Module {
  return createRequire(`${peersDir}/package.json`)(name) as Module
}
