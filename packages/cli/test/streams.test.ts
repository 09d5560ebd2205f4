import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { beforeEach, describe, expect, test } from 'vitest'
import { environment, inspect, openWorkspace, program, type Workspace } from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'cat.jpg')
})

const hasBash = spawnSync('bash', ['-c', 'cat <(true)']).status === 0
const png = { format: 'png', channels: 4 }

/** Runs a line of bash in which NOBG is the program. */
const shell = (line: string) =>
  execa('bash', ['-c', line.replaceAll('NOBG', `'${process.execPath}' '${program}'`)], {
    cwd: workspace.dir,
    env: environment,
    reject: false,
  })

describe.skipIf(process.platform === 'win32' || !hasBash)('in a shell', () => {
  test.each<[line: string, file: string, format?: string]>([
    ['NOBG <(cat cat.jpg) > x', 'x'],
    ['NOBG <(cat cat.jpg) -o x.webp', 'x.webp', 'webp'],
    [
      'NOBG <(cat cat.jpg) <(cat cat.jpg | tac | tac) cat.jpg -o out; ls out/image-*.png | wc -l | grep 2 && cp out/cat.png x',
      'x',
    ],
    ['NOBG /dev/stdin < cat.jpg > x', 'x'],
    ['cat cat.jpg | NOBG /dev/stdin > x', 'x'],
    ['cat cat.jpg | NOBG /dev/fd/0 -o x.png', 'x.png'],
    ['NOBG /dev/fd/7 7< cat.jpg > x', 'x'],
    ['NOBG cat.jpg -o /dev/stdout > x', 'x'],
    ['NOBG cat.jpg -o /dev/stdout | cat > x', 'x'],
    ['NOBG cat.jpg -o /dev/fd/1 -f webp > x', 'x', 'webp'],
    ['NOBG cat.jpg -o /dev/stderr 2> x', 'x'],
    ['NOBG cat.jpg -o /dev/fd/7 7> x', 'x'],
    ['NOBG cat.jpg -o >(cat > x); while ! [ -s x ]; do sleep 0.1; done; sleep 0.2', 'x'],
    ['(sleep 1; cat cat.jpg) | NOBG - > x', 'x'],
    ['mkfifo p.jpg; (sleep 1; cat cat.jpg > p.jpg) & NOBG p.jpg && cp p.png x', 'x'],
    ['mkfifo p.webp; cat p.webp > x & NOBG cat.jpg -o p.webp; wait; [ -p p.webp ]', 'x', 'webp'],
    ['mkfifo p; (sleep 1; cat p > x) & NOBG cat.jpg -o p; wait; [ -p p ]', 'x'],
    ['NOBG compare cat.jpg -m u2netp -o /dev/stdout > x', 'x'],
    ['NOBG compare <(cat cat.jpg) -m u2netp -o - > x', 'x'],
  ])('%s', async (line, file, format = 'png') => {
    const { exitCode, stderr } = await shell(line)
    expect([exitCode, stderr]).toEqual([0, expect.not.stringMatching(/Error|\[[A-Z_]+\]/)])
    expect(await inspect(readFileSync(workspace.path(file)))).toMatchObject({ format })
  })

  test('/dev/null stays a device after a picture was written to it', async () => {
    const { exitCode } = await shell('NOBG cat.jpg -o /dev/null')
    expect(exitCode).toBe(0)
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
  })

  test.each<[line: string, code: number, reason: RegExp]>([
    [
      'NOBG cat.jpg cat.jpg . -o /dev/null; NOBG cat.jpg <(cat cat.jpg) -o /dev/stdout',
      2,
      /expected one picture, got 2/,
    ],
    ['NOBG cat.jpg -o /dev/stdout --mask', 2, /--mask: expected a cutout that is a file/],
    ['NOBG cat.jpg -o /dev/stdout --json', 2, /--json, which uses stdout/],
    ['NOBG /dev/null', 3, /\[INVALID_SOURCE\] Expected an image, got no bytes/],
    ['NOBG /dev/fd/77', 3, /\[SOURCE_NOT_FOUND\]/],
    ['NOBG cat.jpg -o >(head -c 4 > /dev/null)', 1, /Expected to write \/dev\/fd\/\d+, got: broken pipe/],
  ])('reports an error: %s', async (line, code, reason) => {
    const { exitCode, stderr } = await shell(line)
    expect(stderr).toMatch(reason)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(exitCode).toBe(code)
  })

  test('Ctrl-C ends the wait for a pipe without a writer or reader', async () => {
    spawnSync('mkfifo', [workspace.path('p.jpg'), workspace.path('out.png')])
    const start = (...words: string[]) =>
      execa(process.execPath, [program, ...words], { cwd: workspace.dir, env: environment, reject: false })
    const reader = start('p.jpg')
    // The open ends when the program waits at the other end.
    await using _ = await open(workspace.path('p.jpg'), 'w')
    reader.kill('SIGINT')
    expect((await reader).exitCode).toBe(130)
    const writer = start('cat.jpg', '-o', 'out.png')
    await once(writer.stderr, 'data')
    writer.kill('SIGINT')
    expect((await writer).exitCode).toBe(130)
  })
})

describe('silence', () => {
  test('of a pipe has no limit, unless --timeout-ms sets one', async () => {
    const start = (words: string[]) =>
      execa(process.execPath, [program, ...words], {
        cwd: workspace.dir,
        env: environment,
        encoding: 'buffer',
        reject: false,
      })
    const limited = start(['-', '--timeout-ms', '50'])
    const { exitCode, stderr } = await limited
    expect(exitCode).toBe(3)
    expect(Buffer.from(stderr as Uint8Array).toString()).toMatch(
      /\[SOURCE_TIMEOUT\] .* 50 ms\.\n {2}Raise --timeout-ms/,
    )
    const free = start(['-'])
    await sleep(200)
    free.stdin.end(await readFile(workspace.path('cat.jpg')))
    expect(await inspect((await free).stdout as Uint8Array)).toMatchObject(png)
  })
})
