/** For the packages of this repository only. */
export { spellFlag } from './flags.ts'
