// `pnpm soak [--minutes 10]`: good, slow, canceling and hostile clients of a server that is stopped and killed again and again;
// then, without outages, of a server that lives on. In the second half of the time with Redis, a worker and outages of Redis, if
// redis-server is installed.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { drawPhotograph } from '../server-load/pictures.ts'
import { cancelRequests, cutOut, upload } from './clients.ts'
import { attack } from './hostile.ts'
import { openMachines } from './machines.ts'
import { createSoakCounts, type SoakCounts } from './soak-counts.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } })
const totalMs = Number(values.minutes) * 60_000
const hasRedis = spawnSync('redis-server', ['--version']).status === 0
const port = 4700

/** Time between two outages, and between two lines of memory. */
const STRETCH_MS = 15_000
/** Share of the time with outages. Memory can only grow in processes that live. */
const DISTURBED = 0.4
const SAMPLE_MS = 500

async function soak(withRedis: boolean, forMs: number): Promise<boolean> {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-soak-'))
  const machines = await openMachines({ dir, port, withRedis })
  const counts = createSoakCounts()
  try {
    const base = `http://127.0.0.1:${port}`
    const photograph = await drawPhotograph(0.3)
    const until = Date.now() + forMs
    const client = { base, photograph, until, counts }
    const clients = [
      cutOut(client),
      cutOut(client),
      cutOut(client),
      cancelRequests(client),
      upload(client),
      upload(client),
      attack(client),
      attack(client),
    ]
    const sampler = setInterval(() => counts.noteMemory(machines.readMemory()), SAMPLE_MS)
    const calmFrom = Date.now() + DISTURBED * forMs
    let outages = 0
    while (Date.now() + STRETCH_MS < until) {
      await delay(STRETCH_MS)
      counts.endStretch()
      if (Date.now() < calmFrom) await machines.disturb(outages++)
    }
    await Promise.all(clients)
    clearInterval(sampler)
    counts.endStretch()
    report(withRedis ? 'Redis, server and worker' : 'one server', counts, outages, machines.describeErrors())
    return counts.lost.length === 0
  } finally {
    await machines.close()
    await rm(dir, { recursive: true, force: true })
  }
}

function report(name: string, counts: SoakCounts, outages: number, errors: string[]): void {
  const { accepted, finished, canceled, lost, uploads, slow, attacks, statusMs, memory } = counts
  const sorted = statusMs.toSorted((one, other) => one - other)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1)
  const lines = [
    `${name}: ${outages} outages`,
    `  requests: ${accepted} accepted, ${finished} finished, ${canceled} canceled, ${lost.length} lost ${lost.join('; ')}`,
    `  uploads: ${uploads} whole, ${slow} slow readers; hostile calls: ${JSON.stringify(attacks)}`,
    `  status calls: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms of ${sorted.length}`,
    `  highest memory of every ${STRETCH_MS / 1000} s, in MB (the first ${outages} stretches end with an outage):`,
    ...(['server', 'worker', 'all'] as const).map(
      name => `    ${name}: ${memory.map(sample => sample[name].toFixed(0)).join(', ')}`,
    ),
    `  lines on stderr: ${errors.length} ${errors.slice(-3).join(' | ').slice(0, 500)}`,
  ]
  for (const line of lines) process.stdout.write(`${line}\n`)
}

const results = [await soak(false, hasRedis ? totalMs / 2 : totalMs)]
if (hasRedis) results.push(await soak(true, totalMs / 2))
process.stdout.write(
  `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} × ${cpus()[0]?.model}, Node ${process.version}, ${values.minutes} min\n`,
)
if (results.includes(false)) process.exitCode = 1
