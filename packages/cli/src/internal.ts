/** For the packages of this repository only. */
export { EXIT_CODES } from './exit-codes.ts'
export { spellFlag } from './flags.ts'
