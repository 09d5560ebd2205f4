#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { OnnxOptimizerError } from './errors.ts'
import { optimizeGraph } from './optimize.ts'

const USAGE = `Usage: onnx-optimizer [--output <name>]... <in.onnx> <out.onnx>

Writes out.onnx, which computes the same as in.onnx in less time and memory.

  --output <name>  keep only this output of the graph; may be repeated (default: all outputs)
  --help           print this text

Exit code: 0 if out.onnx was written, 1 after an error, 2 for a wrong command line, 3 if the graph stays as it is.`

process.exitCode = await run(process.argv.slice(2))

/** @returns the exit code */
async function run(words: string[]): Promise<number> {
  let values: { output?: string[]; help?: boolean }
  let positionals: string[]
  try {
    const options = { output: { type: 'string', multiple: true }, help: { type: 'boolean' } } as const
    ;({ values, positionals } = parseArgs({ args: words, allowPositionals: true, options }))
  } catch (error) {
    console.error(`onnx-optimizer: ${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (positionals.length !== 2) {
    console.error(`onnx-optimizer: Expected two paths, got ${positionals.length}.\n\n${USAGE}`)
    return 2
  }
  return optimize(positionals[0], positionals[1], values.output)
}

async function optimize(source: string, target: string, outputs: string[] | undefined): Promise<number> {
  try {
    const result = await optimizeGraph(source, target, { outputs })
    if (!result.changed) {
      console.error(`onnx-optimizer: ${source} stays as it is: ${result.reason}.`)
      return 3
    }
    const { deformConvs, bytes, sha256 } = result
    console.log(`${target}: ${bytes} bytes, sha256 ${sha256}, native DeformConv nodes: ${deformConvs}`)
    return 0
  } catch (error) {
    if (!(error instanceof OnnxOptimizerError)) throw error
    console.error(`onnx-optimizer: ${error.message}\n  ${error.hint}`)
    return 1
  }
}
