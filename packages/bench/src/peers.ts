import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** The folder outside the workspace that the packages and weights lie in with which nobg is compared. */
export const peersDir = fileURLToPath(new URL('../peers', import.meta.url))

/** Loads a package of the peers' folder. Nothing can check its types: the caller says what it uses of it. */
export function requirePeer<Module>(name: string): Module {
  return createRequire(`${peersDir}/package.json`)(name) as Module
}
