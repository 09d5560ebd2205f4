import type { GraphNode } from './read-node.ts'

/** Whether a convolution has strides and dilations of 1 and these pads. */
export function isPlain({ attributes }: GraphNode, pads: number[]): boolean {
  const read = (name: string, neutral: number[]) => `${attributes.get(name)?.numbers ?? neutral}`
  const padding = attributes.get('auto_pad')?.text ?? 'NOTSET'
  return (
    padding === 'NOTSET' &&
    read('strides', [1, 1]) === '1,1' &&
    read('dilations', [1, 1]) === '1,1' &&
    read('pads', [0, 0, 0, 0]) === `${pads}`
  )
}
