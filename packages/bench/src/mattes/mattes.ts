// `pnpm bench:mattes [--pictures 100] [--megapixels 4] [--rounds 3] [--model u2netp]`: the cost of kept mattes.
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative, sep } from 'node:path'
import { parseArgs } from 'node:util'
import { prepareBatch } from '../batch/pictures.ts'
import { startProcess } from '../call-contestant.ts'
import { watchMemory } from '../process-tree.ts'
import { type BuildFigures, type BuildOrder, type BuildTitle, builds, type MatteBuild } from './builds.ts'
import { measureCheck } from './measure-check.ts'
import { reportMattes } from './report.ts'

/** Further runs of each warm build in a round. */
const WARM_REPEATS = 5

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '100' },
    megapixels: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    model: { type: 'string', default: 'u2netp' },
  },
})
const [count, megapixels, rounds] = [values.pictures, values.megapixels, values.rounds].map(Number)
const { model } = values

const root = await mkdtemp(join(tmpdir(), 'nobg-bench-mattes-'))
try {
  const batch = { model: 'u2netp', count, sizes: [megapixels] } as const
  const pictures = await prepareBatch(join(root, 'photos'), batch)
  const least = new Map<BuildTitle, BuildFigures>()
  for (let round = 0; round < rounds; round++) {
    await rm(join(root, 'mattes'), { recursive: true, force: true })
    for (const build of builds) keepLeast(least, build.title, await measureBuild(build, pictures))
    // Warm builds are short, and the start of a process varies more than what mattes add.
    const warm = builds.filter(({ isCold }) => !isCold)
    for (let time = 0; time < WARM_REPEATS; time++)
      for (const build of warm) keepLeast(least, build.title, await measureBuild(build, pictures))
  }
  const mattes = await listMattes()
  const sizes = await Promise.all(mattes.map(async ([file]) => (await stat(file)).size))
  const report = reportMattes({
    pictures: count,
    megapixels,
    model,
    builds: Object.fromEntries(least) as Record<BuildTitle, BuildFigures>,
    checkMs: await measureCheck(mattes),
    repositoryBytes: sizes.reduce((total, size) => total + size, 0),
  })
  process.stdout.write(`${report}\n`)
} finally {
  await rm(root, { recursive: true, force: true })
}

async function measureBuild(build: MatteBuild, pictures: string[]): Promise<BuildFigures> {
  const cacheDir = join(root, build.cache)
  if (build.isCold) await rm(cacheDir, { recursive: true, force: true })
  const child = startProcess('mattes/run-build', [], { NOBG_BENCH_RUNS: join(root, 'runs') })
  const gone = once(child, 'exit')
  const memory = watchMemory(child.pid!)
  const mattes = build.keeps ? join(root, 'mattes') : undefined
  child.send({ pictures, model, root, cacheDir, mattes, frozen: build.frozen } satisfies BuildOrder)
  const [answer] = await Promise.race([once(child, 'message'), gone])
  const { rssMb } = memory.stop()
  if (typeof answer !== 'object') throw new Error(`the build '${build.title}' ended with ${answer}`)
  await gone
  return { ...(answer as Omit<BuildFigures, 'rssMb'>), rssMb }
}

function keepLeast(least: Map<BuildTitle, BuildFigures>, title: BuildTitle, figures: BuildFigures): void {
  const before = least.get(title) ?? figures
  least.set(title, {
    wallMs: Math.min(before.wallMs, figures.wallMs),
    cpuMs: Math.min(before.cpuMs, figures.cpuMs),
    rssMb: Math.max(before.rssMb, figures.rssMb),
  })
}

/** Paths of the kept mattes, each with that of its photograph. */
async function listMattes(): Promise<[matte: string, photograph: string][]> {
  const dir = join(root, 'mattes')
  const entries = await readdir(dir, { recursive: true, withFileTypes: true })
  return entries
    .filter(entry => entry.isFile())
    .map(({ parentPath, name }) => [
      join(parentPath, name),
      join(root, ...relative(dir, parentPath).split(sep)),
    ])
}
