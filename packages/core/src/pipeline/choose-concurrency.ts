import { availableParallelism } from 'node:os'
import { readFreeMemory } from '../shared/free-memory.ts'

/** More pictures than this gain nothing on any measured model, see docs/concurrency.md. */
const MOST = 16
/** Memory of Node and of a model's process, which all pictures share. */
const SHARED_BYTES = 1e9
/** Memory of one picture of 24 megapixels while it is decoded, composed and encoded. */
const PICTURE_BYTES = 0.5e9

/**
 * Chooses how many pictures are processed at the same time: one per processor core, because the image work of a picture
 * runs on one core; at most 16; and only as many pictures of 24 megapixels as the free memory holds.
 *
 * @param freeBytes memory that this process may still allocate
 * @returns at least 1
 */
export function chooseConcurrency(
  cores: number = availableParallelism(),
  freeBytes: number = readFreeMemory(),
): number {
  const fitting = Math.floor((freeBytes - SHARED_BYTES) / PICTURE_BYTES)
  return Math.max(1, Math.min(cores, fitting, MOST))
}
