import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../core/test/matting/read-raster.ts'
import { startScript } from '../../core/test/support/script.ts'
import { addDeformConv } from './support/deform-conv.ts'
import { GraphBuilder } from './support/graph-builder.ts'
import { writeSparseOnnx } from './support/onnx.ts'

let dir: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'nobg-graph-memory-'))
})

afterAll(() => rm(dir, { recursive: true, force: true }))

test('a file of 700 MB is rewritten in tens of MB of memory', async () => {
  const [source, target] = [join(dir, 'source.onnx'), join(dir, 'target.onnx')]
  const builder = new GraphBuilder(createRandom(3))
  const { output } = addDeformConv(builder, 'x', [1, 4, 128, 96], { kernel: [7, 7], pads: [3, 3] })
  const last = builder.add('Add', [output, 'kept'])
  const [kept, dropped] = [10e6, 165e6]
  await writeSparseOnnx(source, builder.finish(last, [1, 4, 128, 96]), { kept, dropped })
  const script = startScript(`
    import { optimizeGraph } from '@nobg/onnx-optimizer'
    const { rss } = process.memoryUsage()
    const result = await optimizeGraph(${JSON.stringify(source)}, ${JSON.stringify(target)})
    const grown = process.resourceUsage().maxRSS * 1024 - rss
    console.log(JSON.stringify({ ...result, grown }))
  `)
  const { grown, ...result } = JSON.parse((await script.readLine())!)
  expect(result).toMatchObject({ changed: true, deformConvs: 1 })
  expect(result.bytes - kept * 4).toBeLessThan(1e6)
  // It needs 10 to 20 MB. The limit is higher, because garbage is collected later.
  expect(grown / 1e6).toBeLessThan(100)
})
