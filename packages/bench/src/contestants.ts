import { openImgly } from './pipelines/imgly.ts'
import { openNobg } from './pipelines/nobg.ts'
import type { BenchModel, Pipeline } from './pipelines/pipeline.ts'
import { openRembg } from './pipelines/rembg.ts'
import { openTransformers } from './pipelines/transformers.ts'

/** A library that is measured, with its settings. */
export interface Contestant {
  id: string
  /** Its name in the table. */
  title: string
  /** Whether it is nobg. All others are peers. */
  ours: boolean
  models: readonly BenchModel[]
  open(model: BenchModel): Promise<Pipeline>
}

export const contestants: readonly Contestant[] = [
  {
    id: 'nobg',
    title: 'nobg, not refined',
    ours: true,
    models: ['u2netp', 'isnet'],
    open: model => openNobg(model, false),
  },
  {
    id: 'nobg-refined',
    title: 'nobg, refined',
    ours: true,
    models: ['u2netp', 'isnet'],
    open: model => openNobg(model, true),
  },
  {
    id: 'nobg-low',
    title: "nobg, refined, memory 'low'",
    ours: true,
    models: ['u2netp', 'isnet'],
    open: model => openNobg(model, true, 'low'),
  },
  {
    id: 'transformers',
    title: 'transformers.js 4.3.1',
    ours: false,
    models: ['u2netp', 'isnet'],
    open: openTransformers,
  },
  { id: 'imgly', title: 'imgly 1.4.5', ours: false, models: ['isnet'], open: openImgly },
  { id: 'rembg', title: 'rembg-node 2.0.2', ours: false, models: ['u2netp'], open: openRembg },
]
