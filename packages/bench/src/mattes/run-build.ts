// Child process: makes all pictures, as a build does, and sends the cost.
import { importCore } from '../pipelines/nobg.ts'
import { readTreeCpuMs } from '../sample.ts'
import type { BuildFigures, BuildOrder } from './builds.ts'

process.once('message', async (order: BuildOrder) => {
  process.send?.(await build(order))
  process.disconnect()
})

async function build({ pictures, model, ...config }: BuildOrder): Promise<Omit<BuildFigures, 'rssMb'>> {
  const cpu = readTreeCpuMs()
  const wall = performance.now()
  const { createRemover } = await importCore()
  // Findings of these mattes are no part of the measurement.
  const logger = { info() {}, warn() {} }
  const remover = createRemover({ ...config, download: false, logger })
  await Promise.all(
    pictures.map(async path => {
      const plan = await remover.plan(path, { model, outputFormat: 'webp', outputQuality: 90 })
      await remover.ensure(plan)
    }),
  )
  const wallMs = performance.now() - wall
  // Before the model's process ends: the kernel counts the time of ended children in steps of 10 ms.
  const cpuMs = readTreeCpuMs() - cpu
  await remover.close()
  return { wallMs, cpuMs }
}
