import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { beforeEach, describe, expect, test } from 'vitest'
import { environment, openWorkspace, program, type Workspace } from './support/workspace.ts'

/** `script` of util-linux runs a command on a new terminal. */
const hasScript = spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'in/cat.jpg')
  workspace.put('astronaut', 'in/astronaut.jpg')
})

/** Runs the program on a terminal of 80 columns. @returns its output, with and without control sequences */
async function runOnTerminal(words: string): Promise<{ code?: number; screen: string; raw: string }> {
  const line = `stty cols 80 rows 24; '${process.execPath}' '${program}' ${words}`
  const { exitCode, stdout } = await execa('script', ['-qec', line, '/dev/null'], {
    cwd: workspace.dir,
    env: { ...environment, CI: '', TERM: 'xterm-256color' },
    reject: false,
    stdin: 'ignore',
  })
  return { code: exitCode, raw: stdout, screen: stripVTControlCharacters(stdout) }
}

describe.skipIf(!hasScript)('on a terminal (skipped without script)', () => {
  test('shows a progress bar and stages, and keeps the lines of finished pictures', async () => {
    writeFileSync(workspace.path('in/bad.jpg'), 'no image')
    const { code, screen, raw } = await runOnTerminal('in -o out --no-cache')
    expect(code).toBe(4)
    expect(screen).toMatch(/[█░]{24} 1 of 3/)
    expect(screen).toContain('in/cat.jpg  predicting the matte (u2netp)')
    expect(screen).toContain('in/cat.jpg → out/cat.png')
    expect(screen).toMatch(/2 written, 1 failed in .*s\.\s*$/)
    // The hidden cursor is visible again.
    expect(raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(raw.lastIndexOf('\u001b[?25l'))
  })

  test('writes no picture to the terminal', async () => {
    const { code, screen } = await runOnTerminal('- < in/cat.jpg')
    expect(code).toBe(2)
    expect(screen).toMatch(/Expected a file or a pipe for the picture, got a terminal[\s\S]*-o portrait\.png/)
  })

  test('--quiet and --json show no progress', async () => {
    expect((await runOnTerminal('in -o one --quiet')).raw).toBe('')
    const { raw } = await runOnTerminal('in -o out --json --quiet')
    for (const line of raw.trim().split(/\r?\n/)) expect(JSON.parse(line)).toHaveProperty('type')
  })
})

test('prints plain lines without a terminal', async () => {
  const { stderr } = await workspace.start(['in', '-o', 'out'], { env: { NO_COLOR: undefined } })
  expect(stderr).toBe(stripVTControlCharacters(stderr))
  expect(stderr).not.toMatch(/[█░]/)
})
