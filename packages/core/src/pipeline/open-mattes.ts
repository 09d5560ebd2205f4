import { type KeptMattes, openKeptMattes } from '../mattes/kept-mattes.ts'
import { listKeptMattes } from '../mattes/list-kept-mattes.ts'
import type { ResolvedConfig } from './config.ts'

/** Opens the folder of kept mattes, and decides at the first call whether the build is frozen. Creates nothing. */
export function openMattes({ mattes: dir, root, frozen, logger }: ResolvedConfig): {
  kept: KeptMattes | undefined
  isFrozen: () => Promise<boolean>
} {
  let decided: Promise<boolean> | undefined
  const hasMatte = async () => dir !== undefined && (await listKeptMattes(dir, root)).length > 0
  const isFrozen = () => {
    decided ??= frozen === undefined ? hasMatte() : Promise.resolve(frozen)
    return decided
  }
  return { kept: dir ? openKeptMattes({ dir, root, frozen: isFrozen, logger }) : undefined, isFrozen }
}
