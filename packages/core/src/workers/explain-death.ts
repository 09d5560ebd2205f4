import { BUNDLE_HINT, isBundled } from '../shared/bundle.ts'
import { NobgError } from '../shared/errors.ts'

/** What is known of a worker that ended without an answer. */
export interface Death {
  /** What the thread threw, or what the pool says of the process. */
  error: Error
  /** A process's exit code; null if a signal ended the process. */
  exitCode?: number | null
  signal?: NodeJS.Signals | null
  /** The end of what a process wrote to stderr. */
  stderr?: string
}

/** What a text of an error says of its cause, and what to do about it. The first that fits. */
const causes: { says: RegExp; hint: string }[] = [
  {
    says: /Cannot find module '[^']*(?:\.worker\.[jt]s|entry[\\/](?:worker|process)\.js)'/,
    hint: BUNDLE_HINT,
  },
  {
    says: /Could not load the "?sharp"? module|[\\/@]sharp\b.*\.node|\bsharp-[\w-]+\.node/i,
    hint: 'Install sharp for this system: npm install --include=optional sharp; for another system than the one of the installation add --os, --cpu and --libc.',
  },
  {
    says: /onnxruntime/i,
    hint: 'Install onnxruntime-node for this system: delete node_modules and install again on the machine that runs nobg. On Linux it needs glibc, not musl (Alpine).',
  },
  {
    says: /ERR_MODULE_NOT_FOUND|MODULE_NOT_FOUND|Cannot find (?:module|package)|ERR_DLOPEN_FAILED|cannot open shared object file|invalid ELF header/,
    hint: 'Install the dependencies again on the machine that runs nobg; if they were copied or traced, copy all of @nobg/core, sharp and onnxruntime-node.',
  },
  {
    says: /ERR_WORKER_OUT_OF_MEMORY|heap out of memory|bad_alloc|Cannot allocate memory|\bENOMEM\b|allocation failed/i,
    hint: 'The memory ran out: try a lighter model, lower `concurrency`, scale the image down, or give the machine more memory.',
  },
]

/** What to do about an error that is not nobg's own; undefined if its text says nothing known. */
export function findHint(text: string): string | undefined {
  return causes.find(({ says }) => says.test(text))?.hint
}

/** The error for a worker that ended without an answer: the worker's own words, and a hint that fits them. */
export function explainDeath(subject: string, death: Death): NobgError {
  const { error, stderr = '' } = death
  const code = (error as NodeJS.ErrnoException).code
  const hint = isBundled()
    ? BUNDLE_HINT
    : (findHint([code, error.message, stderr].join('\n')) ?? hintOfEnd(death))
  return new NobgError('INFERENCE_FAILED', `${subject} died: ${describeEnd(death)}`, {
    hint,
    cause: stderr ? new Error(`${error.message}\n${stderr.trim()}`, { cause: error }) : error,
  })
}

function describeEnd({ error, exitCode, signal, stderr }: Death): string {
  const line = findLastWords(stderr ?? '')
  if (signal) return `${signal} ended it${line ? `, after: ${line}` : '.'}`
  if (line) return line
  return typeof exitCode === 'number' ? `it exited with code ${exitCode}.` : error.message
}

function hintOfEnd({ signal }: Death): string {
  if (signal === 'SIGKILL')
    return "Somebody killed it. Systems and containers do so if the memory runs out (see the system's log): try a lighter model, or give more memory."
  if (signal === 'SIGTERM' || signal === 'SIGINT' || signal === 'SIGHUP')
    return 'Something asked it to end: run again.'
  if (signal)
    return 'Native code crashed (sharp or ONNX Runtime): install both again on this machine, and report it if it happens again.'
  return 'Run again; if it happens again, report it with this message.'
}

/** The line in which Node, V8 or C++ says what went wrong; else the last one. */
function findLastWords(stderr: string): string {
  const lines = stderr.split('\n').filter(line => line.trim() !== '')
  const said = lines.findLast(line =>
    /^(?:\w*Error\b.*:|FATAL ERROR:|node: |.*\bwhat\(\):)/.test(line.trim()),
  )
  return (said ?? lines.findLast(line => !/^Node\.js v/.test(line)) ?? '').trim()
}
