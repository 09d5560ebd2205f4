// `pnpm --filter @nobg/bench run graph <file.onnx> [--side 1024] [--output name] [--runs 2] [--rounds 2]
// [--buffers keep|free]`: measures time and memory of a graph before and after optimization. Buffers are kept from run to run as
// in a batch (default up to 1024 px), or freed as soon as they were read, as for one picture and with `memory: 'low'`.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { arch, cpus, platform, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { resolveCallerPath } from '../caller-path.ts'
import { callScript } from './call-script.ts'
import { compareLogits } from './compare-logits.ts'
import { formatGraphs, type GraphRow, takeBest } from './report.ts'
import type { Rewriting } from './rewrite-graph.ts'
import type { GraphFigures } from './run-graph.ts'

/** A graph that is measured. */
interface Entrant {
  title: string
  path: string
  /** Path of the file to which its processes write the output. */
  logits: string
  figures: GraphFigures[]
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    side: { type: 'string', default: '1024' },
    output: { type: 'string', default: '' },
    runs: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '2' },
    buffers: { type: 'string', default: '' },
  },
})
if (positionals.length !== 1) throw new Error('expected the path of one .onnx file')
const source = resolveCallerPath(positionals[0])
const folder = await mkdtemp(join(tmpdir(), 'nobg-graph-'))
try {
  const target = join(folder, 'optimized.onnx')
  const rewriting = await callScript<Rewriting>('rewrite-graph', [source, target, values.output])
  const { result } = rewriting
  if (result.changed) await compareGraphs(target, rewriting, result.deformConvs)
  else say(process.stdout, `Not optimized: ${result.reason}.`)
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function compareGraphs(target: string, rewriting: Rewriting, deformConvs: number): Promise<void> {
  const original = enter('original', source, 'original.f32')
  const optimized = enter('optimized', target, 'optimized.f32')
  // They alternate, so that a busy machine affects both, and never run together, because one may need all the memory.
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const entrant of [original, optimized]) await measureOnce(entrant)
  }
  const logits = await Promise.all([original, optimized].map(({ logits }) => readFloats(logits)))
  const { logit, deviation, matte } = compareLogits(logits[0], logits[1])
  const { cpuMs, peakMb } = rewriting
  const lines = [
    formatGraphs([await judge(original), await judge(optimized)]),
    '',
    `${deformConvs} deformable convolutions became native in ${(cpuMs / 1000).toFixed(1)} CPU s, peak memory ` +
      `${peakMb.toFixed(0)} MB. Outputs differ by at most ${logit.toExponential(1)}; their standard deviation is ` +
      `${deviation.toPrecision(2)}; mattes by ${matte.toExponential(1)}.`,
    `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model ?? arch()}, ${platform()}, ` +
      `Node ${process.version}; side ${values.side} px.`,
  ]
  say(process.stdout, lines.join('\n'))
}

function enter(title: string, path: string, logits: string): Entrant {
  return { title, path, logits: join(folder, logits), figures: [] }
}

async function measureOnce({ title, path, logits, figures }: Entrant): Promise<void> {
  const { side, runs, output } = values
  const buffers = values.buffers || (Number(side) <= 1024 ? 'keep' : 'free')
  const outcome = await callScript<GraphFigures>('run-graph', [path, logits, side, runs, output, buffers])
  figures.push(outcome)
  say(process.stderr, `${title}: ${JSON.stringify(outcome)}`)
}

async function judge({ title, path, figures }: Entrant): Promise<GraphRow> {
  return { title, bytes: (await stat(path)).size, ...takeBest(figures) }
}

async function readFloats(path: string): Promise<Float32Array> {
  const { buffer, byteOffset, byteLength } = await readFile(path)
  return new Float32Array(buffer, byteOffset, byteLength / 4)
}

function say(stream: NodeJS.WriteStream, text: string): void {
  stream.write(`${text}\n`)
}
