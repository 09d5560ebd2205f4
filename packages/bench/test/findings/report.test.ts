import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Case } from '../../src/findings/cases.ts'
import { formatComparison, formatFindings } from '../../src/findings/report.ts'

const script = join(import.meta.dirname, '../../src/findings/findings.ts')
const unsure = { code: 'MATTE_UNSURE', figure: 0.5 } as const
const hazy = { code: 'MATTE_HAZY', figure: 0.5 } as const

test('the tables count by half, model, label and code', () => {
  const one: Case = { name: 'a', half: 'choose', model: 'u2netp', label: 'bad', findings: [unsure] }
  const cases: Case[] = [
    one,
    { ...one, findings: [unsure, hazy] },
    { ...one, findings: [] },
    { ...one, label: 'good' },
    { ...one, label: 'gray' },
    { ...one, half: 'report', model: 'isnet', label: 'good', findings: [] },
    { ...one, model: 'true', label: 'good', findings: [] },
  ]
  const lines = formatFindings(cases).split('\n')
  expect(lines).toContain('| choose | u2netp | 2 of 3 (67 %) | 1 of 1 (100 %) | 1 |')
  expect(lines).toContain('| report | isnet | – | 0 of 1 (0 %) | 0 |')
  expect(lines).toContain('| all | the true alpha | – | 0 of 1 (0 %) | – |')
  expect(lines).toContain('| `MATTE_UNSURE` | 2 | 1 | 1 |')
  expect(lines).toContain('| `MATTE_HAZY` | 1 | 0 | 0 |')
})

test('the comparison flags what has a finding or a matte that disagrees', () => {
  const one: Case = {
    name: 'a',
    half: 'choose',
    model: 'isnet',
    label: 'bad',
    findings: [],
    iouOfModels: 0.6,
  }
  const cases: Case[] = [
    one,
    { ...one, findings: [unsure], iouOfModels: 0.95 },
    { ...one, label: 'good', iouOfModels: 0.4 },
    { ...one, label: 'good', iouOfModels: undefined },
    { ...one, label: 'gray', iouOfModels: 0 },
  ]
  const lines = formatComparison(cases).split('\n')
  expect(lines).toContain('| choose | isnet | no comparison | 1 of 2 (50 %) | 0 of 2 (0 %) |')
  expect(lines).toContain('| choose | isnet | 0.5 | 1 of 2 (50 %) | 1 of 2 (50 %) |')
  expect(lines).toContain('| choose | isnet | 0.7 | 2 of 2 (100 %) | 1 of 2 (50 %) |')
})

test('a folder without photographs is skipped', async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [script, join(tmpdir(), 'none')])
  expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^Skipped: /)])
})
