import { expect, test } from 'vitest'
import { describePlacements, parsePlacements } from '../../src/graph/node-placements.ts'

const prefix =
  '2026-11-30 17:24:29.66 [V:onnxruntime:, session_state.cc:1385 VerifyEachNodeIsAssignedToAnEp] '

test('counts the operators of each provider', () => {
  const log = [
    `${prefix}Node placements`,
    `${prefix} Node(s) placed on [CPUExecutionProvider]. Number of nodes: 2`,
    `${prefix}  DeformConv (/decoder/Conv)`,
    `${prefix}  DeformConv (/squeeze/Conv)`,
    `${prefix} Node(s) placed on [WebGpuExecutionProvider]. Number of nodes: 3`,
    `${prefix}  Conv (/patch_embed/Conv)`,
    `${prefix}  MemcpyToHost (Memcpy)`,
    `${prefix}  Conv (/norm/Conv)`,
    '2026-11-30 17:24:29.69 [V:onnxruntime:, session_state.cc:186 CreateGraphInfo] SaveMLValueNameIndexMapping (x)',
  ].join('\n')
  expect(describePlacements(parsePlacements(log))).toBe(
    [
      '| provider | operators | nodes |',
      '| :-- | :-- | --: |',
      '| CPUExecutionProvider | 2 DeformConv | 2 |',
      '| WebGpuExecutionProvider | 2 Conv, 1 MemcpyToHost | 3 |',
    ].join('\n'),
  )
})

test('a provider that runs all nodes has no list of operators', () => {
  const log = `${prefix} All nodes placed on [WebGpuExecutionProvider]. Number of nodes: 367`
  expect(describePlacements(parsePlacements(log))).toContain('| WebGpuExecutionProvider | all | 367 |')
})

test('a log without placements gives none', () => {
  expect(parsePlacements('Failed to get a WebGPU adapter')).toEqual([])
})
