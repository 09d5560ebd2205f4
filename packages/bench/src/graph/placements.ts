// `pnpm --filter @nobg/bench run placements <file.onnx> [--provider webgpu]`: lists which nodes of a graph an execution
// provider runs, and which of them fall back to the CPU.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { resolveCallerPath } from '../caller-path.ts'
import { describePlacements, parsePlacements } from './node-placements.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { provider: { type: 'string', default: 'webgpu' } },
})
if (positionals.length !== 1) throw new Error('expected the path of one .onnx file')
const script = fileURLToPath(new URL('place-nodes.ts', import.meta.url))
const child = spawn(process.execPath, [script, resolveCallerPath(positionals[0]), values.provider], {
  stdio: ['ignore', 'pipe', 'pipe'],
})
// Drivers may crash at the exit of the process, after the log is complete, so only the log decides.
const [log] = await Promise.all([text(child.stderr), text(child.stdout)])
const placements = parsePlacements(log)
if (placements.length === 0)
  throw new Error(`no session with the provider ${values.provider}: ${log.slice(-2000)}`)
process.stdout.write(`${describePlacements(placements)}\n`)
