// `pnpm --filter @nobg/bench run series [--pictures 500] [--megapixels 1] [--hosts vite,server]`: memory of a development server
// and of `nobg serve`, which cut out pictures one after the other.
import { mkdtemp, rm } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareBatch } from '../batch/pictures.ts'
import { describeMachine } from '../describe-machine.ts'
import type { Host } from './host.ts'
import { areSeriesAimsMet, listCheckpoints, reportSeries, type SeriesFigures } from './report.ts'
import { type HostMemory, sampleMemory } from './sample-memory.ts'
import { openServer } from './server-host.ts'
import { openVite } from './vite-host.ts'

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '500' },
    megapixels: { type: 'string', default: '1' },
    hosts: { type: 'string', default: 'vite,server' },
  },
})
const [count, megapixels] = [Number(values.pictures), Number(values.megapixels)]
const openers = { vite: openVite, server: openServer }

const folder = await mkdtemp(join(tmpdir(), 'nobg-bench-series-'))
try {
  const batch = { model: 'u2netp', count, sizes: [megapixels] } as const
  const pictures = await prepareBatch(join(folder, 'photos'), batch)
  const figures: SeriesFigures[] = []
  for (const name of values.hosts.split(',')) {
    const open = openers[name as keyof typeof openers]
    if (!open) throw new Error(`expected hosts of ${Object.keys(openers).join(', ')}, got ${name}`)
    const host = await open(join(folder, name), pictures)
    try {
      figures.push({ title: host.title, samples: await measureHost(host) })
    } finally {
      await host.close()
    }
  }
  process.stdout.write(`${count} pictures of ${megapixels} MP, u2netp, one after the other\n\n`)
  process.stdout.write(`${reportSeries(figures)}\n\n`)
  process.stdout.write(`${describeMachine()}, load average ${loadavg()[0].toFixed(1)}.\n`)
  if (!areSeriesAimsMet(figures)) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Cuts out all pictures, and measures the host after some of them. */
async function measureHost(host: Host): Promise<SeriesFigures['samples']> {
  const checkpoints = listCheckpoints(count)
  const samples: SeriesFigures['samples'] = []
  for (let i = 0; i < count; i++) {
    await host.cut(i)
    if (!checkpoints.includes(i + 1)) continue
    const memory = await sampleMemory(host.pid)
    samples.push({ pictures: i + 1, ...memory })
    process.stderr.write(`${host.title}, ${i + 1} pictures: ${describeMemory(memory)}\n`)
  }
  return samples
}

function describeMemory({ mainMb, childrenMb }: HostMemory): string {
  return `${[mainMb, ...childrenMb].map(Math.round).join(' + ')} MB`
}
