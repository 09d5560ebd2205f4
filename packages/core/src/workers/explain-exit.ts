import { BUNDLE_HINT, isBundled } from '../shared/bundle.ts'
import { NobgError } from '../shared/errors.ts'

/** How a worker ended before it answered. */
export interface WorkerExit {
  /** The thread's error, or the pool's error about the process. */
  error: Error
  /** Exit code of a process; null if a signal ended it. */
  exitCode?: number | null
  signal?: NodeJS.Signals | null
  /** The last characters that a process wrote to stderr. */
  stderr?: string
}

/** Known causes by the text of an error, each with a hint. The first match counts. */
const causes: { says: RegExp; hint: string }[] = [
  {
    says: /Cannot find module '[^']*(?:\.worker\.[jt]s|entry[\\/](?:worker|process)\.js)'/,
    hint: BUNDLE_HINT,
  },
  {
    says: /Could not load the "?sharp"? module|[\\/@]sharp\b.*\.node|\bsharp-[\w-]+\.node/i,
    hint: 'Install sharp for this system: npm install --include=optional sharp. To install for another system, add --os, --cpu and --libc.',
  },
  {
    says: /onnxruntime/i,
    hint: 'Install the dependencies again on the machine that runs nobg. If that does not help, run the WebAssembly build: npm i -D onnxruntime-web, and set NOBG_RUNTIME=wasm.',
  },
  {
    says: /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|Cannot find (?:module|package)|ERR_DLOPEN_FAILED|cannot open shared object file|invalid ELF header/,
    hint: 'Install the dependencies again on the machine that runs nobg. If you copy or trace them, include all files of @nobg/core, of sharp and of the package @nobg/runtime-… of that system.',
  },
  {
    says: /ERR_WORKER_OUT_OF_MEMORY|heap out of memory|bad_alloc|Cannot allocate memory|\bENOMEM\b|allocation failed/i,
    hint: 'The memory ran out: use a smaller model, lower `concurrency`, scale the image down, or give the machine more memory.',
  },
]

/** Returns a hint for an error of another library; undefined if its text matches no known cause. */
export function findHint(text: string): string | undefined {
  return causes.find(({ says }) => says.test(text))?.hint
}

/** Creates the error for a worker that ended before it answered, with the worker's message and a hint. */
export function explainExit(subject: string, exit: WorkerExit): NobgError {
  const { error, stderr = '' } = exit
  const code = (error as NodeJS.ErrnoException).code
  const hint = isBundled()
    ? BUNDLE_HINT
    : (findHint([code, error.message, stderr].join('\n')) ?? hintOfEnd(exit))
  return new NobgError('INFERENCE_FAILED', `${subject} ended unexpectedly: ${describeEnd(exit)}`, {
    hint,
    cause: stderr ? new Error(`${error.message}\n${stderr.trim()}`, { cause: error }) : error,
  })
}

function describeEnd({ error, exitCode, signal, stderr }: WorkerExit): string {
  const line = findErrorLine(stderr ?? '')
  if (signal) return `${signal}${line ? `, after: ${line}` : '.'}`
  if (line) return line
  return typeof exitCode === 'number' ? `exit code ${exitCode}.` : error.message
}

function hintOfEnd({ signal }: WorkerExit): string {
  if (signal === 'SIGKILL')
    return "The system or the container probably killed the process because the memory ran out (see the system's log). Use a smaller model, or give the machine more memory."
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
    return 'Another program ended the process: run again.'
  if (signal)
    return 'Native code crashed (sharp or ONNX Runtime): install both again on this machine, or run the WebAssembly build of ONNX Runtime: npm i -D onnxruntime-web, and set NOBG_RUNTIME=wasm. If this happens again, report it with the output of npx nobg doctor.'
  return 'Run again. If this happens again, report it with this message and the output of npx nobg doctor.'
}

/** Returns the line in which Node, V8 or C++ reports the error, else the last line. */
function findErrorLine(stderr: string): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const report = lines.findLast(line =>
    /^(?:\w*Error\b.*:|FATAL ERROR:|node: |.*\bwhat\(\):)/.test(line.trim()),
  )
  return (report ?? lines.findLast(line => !/^Node\.js v/.test(line)) ?? '').trim()
}
