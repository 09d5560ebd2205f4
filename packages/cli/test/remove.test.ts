import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { execa } from 'execa'
import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  distance,
  environment,
  inspect,
  openWorkspace,
  program,
  type Workspace,
} from './support/workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = openWorkspace()
  workspace.put('cat', 'cat.jpg')
})

const lines = (text: string) => text.split('\n').filter(Boolean)

describe('output files', () => {
  test.each<[words: string, files: string[]]>([
    ['cat.jpg', ['cat.png']],
    ['cat.jpg --mask', ['cat-mask.png', 'cat.png']],
    ['cat.jpg -f webp', ['cat.webp']],
    ['cat.jpg --format webp --output-mask', ['cat-mask.webp', 'cat.webp']],
    ['cat.jpg -o out.webp', ['out.webp']],
    ['cat.jpg -o out.AVIF', ['out.AVIF']],
    ['cat.jpg -o new/deep/out.png --mask', ['new/deep/out-mask.png', 'new/deep/out.png']],
    ['cat.jpg -o cutouts', ['cutouts/cat.png']],
    ['cat.jpg -o cut.outs/', ['cut.outs/cat.png']],
    ['cat.jpg in/p.png -o cutouts', ['cutouts/cat.png', 'cutouts/p.png']],
    ['in', ['in/a/1-nobg.png', 'in/a/b/2.png', 'in/p-nobg.png']],
    ['in -o cutouts', ['cutouts/a/1.png', 'cutouts/a/b/2.png', 'cutouts/p.png']],
    ['in/ -o cutouts/', ['cutouts/a/1.png', 'cutouts/a/b/2.png', 'cutouts/p.png']],
    ['in/**/*.jpg -o cutouts', ['cutouts/a/b/2.png']],
    ['in/a/** -o cutouts', ['cutouts/1.png', 'cutouts/b/2.png']],
    ['in/{a,none}/*.png -o cutouts', ['cutouts/a/1.png']],
    ['in -o in/cutouts', ['in/cutouts/a/1.png', 'in/cutouts/a/b/2.png', 'in/cutouts/p.png']],
  ])('nobg %s', async (words, files) => {
    workspace.put('cat', 'in/a/b/2.jpg', 'in/node_modules/no.jpg', 'in/.hidden/no.jpg')
    await sharp(workspace.path('cat.jpg')).toFile(workspace.path('in/p.png'))
    await sharp(workspace.path('cat.jpg')).toFile(workspace.path('in/a/1.png'))
    writeFileSync(workspace.path('in/notes.txt'), 'no image')
    const before = workspace.list()
    const { code, stdout } = await workspace.run(words.split(' '))
    expect(code).toBe(0)
    expect(stdout).toBe('')
    expect(workspace.list().filter(file => !before.includes(file))).toEqual(files)
    for (const file of files) {
      const format = file.endsWith('.webp') ? 'webp' : /avif$/i.test(file) ? 'heif' : 'png'
      const { width, height } = await inspect(workspace.path('cat.jpg'))
      const channels = file.includes('-mask.png') ? 1 : file.includes('-mask') ? 3 : 4
      expect(await inspect(workspace.path(file))).toEqual({ width, height, format, channels })
    }
  })

  test('a word that is a file name and a pattern is the file', async () => {
    workspace.put('cat', 'cat [1] {a,b}.jpg')
    expect(await workspace.run(['cat [1] {a,b}.jpg'])).toMatchObject({ code: 0 })
    expect(workspace.list()).toContain('cat [1] {a,b}.png')
  })

  test('options change the picture', async () => {
    await workspace.run(['cat.jpg', '--background', 'tomato', '-o', 'tomato.png'])
    expect(await inspect(workspace.path('tomato.png'))).toMatchObject({ channels: 3 })
    const { height } = await inspect(workspace.path('tomato.png'))
    const corner = sharp(workspace.path('tomato.png')).extract({
      left: 0,
      top: height - 1,
      width: 1,
      height: 1,
    })
    const [red, green, blue] = await corner.raw().toBuffer()
    // Within 8 of tomato, #ff6347: the corner of the photograph is background.
    for (const [got, wanted] of [
      [red, 0xff],
      [green, 0x63],
      [blue, 0x47],
    ])
      expect(Math.abs(got - wanted)).toBeLessThan(8)
  })
})

describe('existing files', () => {
  test('are skipped, and replaced with --overwrite', async () => {
    writeFileSync(workspace.path('cat.png'), 'mine')
    const skipped = await workspace.run(['cat.jpg'])
    expect(skipped.code).toBe(0)
    expect(skipped.stderr).toMatch(/cat\.jpg: exists already: cat\.png\n.*--overwrite replaces/)
    expect(readFileSync(workspace.path('cat.png'), 'utf8')).toBe('mine')
    expect(await workspace.run(['cat.jpg', '--overwrite'])).toMatchObject({ code: 0 })
    expect(await inspect(workspace.path('cat.png'))).toMatchObject({ format: 'png', channels: 4 })
  })

  test('are not written again if only the mask is missing', async () => {
    writeFileSync(workspace.path('cat.png'), 'mine')
    await workspace.run(['cat.jpg', '--mask'])
    expect(readFileSync(workspace.path('cat.png'), 'utf8')).toBe('mine')
    expect(await inspect(workspace.path('cat-mask.png'))).toMatchObject({ channels: 1 })
  })

  test('do not become inputs when a folder is run twice', async () => {
    await workspace.run(['.', '--mask'])
    const files = workspace.list()
    expect(files).toEqual(['cat-mask.png', 'cat.jpg', 'cat.png'])
    const again = await workspace.run(['.'])
    expect(again.code).toBe(0)
    expect(again.stderr).toContain('Skipped ')
    expect(workspace.list()).toEqual(files)
  })
})

describe('an error before any work', () => {
  test.each<[words: string, reason: RegExp]>([
    ['cat.jpg sub/cat.jpg -o cutouts', /cutouts.cat\.png for cat\.jpg and for sub.cat\.jpg/],
    ['cat.jpg sub/cat.jpg -o one.png', /expected one picture, got 2/],
    ['cat.jpg sub/cat.jpg -o -', /expected one picture, got 2/],
    ['cat.png -o cat.png', /expected a new file, got the source/],
    ['cat.jpg -o cat.jpg', /ends in \.png, \.webp or \.avif/],
    ['cat.jpg -o out.png -f webp', /ends in \.webp, the format of --output-format/],
    ['cat.jpg -o - --json', /--json, which uses stdout/],
    ['cat.jpg -o - --mask', /--mask: expected a cutout that is a file/],
    ['cat.jpg --output-quality 999', /--output-quality: expected a whole number from 1 to 100; got '999'/],
    ['cat.jpg --threshold=2', /--threshold: expected a number between 0 and 1/],
    ['cat.jpg --crop=wide', /--crop: expected true, false, or a margin/],
    ['cat.jpg --threads none', /--threads.*whole number/],
    ['cat.jpg --concurrency 0', /--concurrency.*whole number/],
    ['cat.jpg --memory lots', /--memory.*'lots'.*Expected auto, low or fast/],
    ['cat.jpg --execution-providers cpu,gpu', /--execution-providers.*Expected a list of webgpu, .*cpu/],
    ['cat.jpg -m portait', /\[UNKNOWN_MODEL\].*'portait'.\n.*Did you mean 'portrait'/],
    ['cat.jpg --substitute portait', /\[UNKNOWN_MODEL\].*'portait'/],
    ['cat.jpg --modle u2netp', /Unknown option '--modle'.\n\s+Did you mean --model/],
    ['cat.jpg --output-msak', /Did you mean --output-mask/],
    ['compare', /Missing required argument 'inputs'/],
    ['compare cat.jpg -o sheet.jpg', /ends in \.png/],
    ['models pull portait', /Did you mean 'portrait'/],
    [
      'models pul u2netp',
      /nobg models: expected one of pull, .* got 'pul'\.\n\s+Did you mean nobg models pull/,
    ],
    ['models ls', /nobg models: expected one of .* got 'ls'\.\n\s+nobg models --help/],
    ['cache stat', /nobg cache: expected one of stats, .* got 'stat'\.\n\s+Did you mean nobg cache stats/],
    ['cache stats all', /nobg cache: expected one of stats/],
    ['model', /nothing at 'model'\.\n\s+Did you mean nobg models/],
    ['chache stats', /Did you mean nobg cache/],
    ['comapre cat.jpg', /Did you mean nobg compare/],
    ['version', /Did you mean nobg --version/],
    ['cat.jpg --output=', /-o: expected a file, a folder or -, got no name/],
    [
      'cat.jpg --mask=false',
      /Unknown option '--mask=false'\.\n.*If the flag takes no value, remove the value/,
    ],
  ])('nobg %s', async (words, reason) => {
    workspace.put('cat', 'sub/cat.jpg')
    await sharp(workspace.path('cat.jpg')).toFile(workspace.path('cat.png'))
    const files = workspace.list()
    const { code, stdout, stderr } = await workspace.run(words.split(' '))
    expect(stderr).toMatch(reason)
    expect(stderr).not.toMatch(/^\s+at /m)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(workspace.list()).toEqual(files)
  })

  test('no arguments print the help', async () => {
    const { code, stderr } = await workspace.start([])
    expect(code).toBe(2)
    expect(stderr).toContain('Usage: nobg')
  })
})

describe('stdin and stdout', () => {
  const pipe = (words: string[]) =>
    execa(process.execPath, [program, ...words], {
      cwd: workspace.dir,
      env: environment,
      inputFile: workspace.path('cat.jpg'),
      encoding: 'buffer',
    })

  test.each([[['-']], [[]], [['-', '-o', '-']], [['-f', 'webp']]])('nobg %j < in > out', async words => {
    const { stdout } = await pipe(words)
    const { width, height } = await inspect(workspace.path('cat.jpg'))
    const format = words.includes('webp') ? 'webp' : 'png'
    expect(await inspect(stdout)).toEqual({ width, height, format, channels: 4 })
    expect(workspace.list()).toEqual(['cat.jpg'])
  })

  test('stdout gets the bytes that a file would get', async () => {
    const { stdout } = await pipe(['cat.jpg', '-o', '-'])
    await workspace.run(['cat.jpg'])
    expect(await distance(stdout, workspace.path('cat.png'))).toBe(0)
  })

  test('writes stdin to a file', async () => {
    await pipe(['-', '-o', 'out.webp'])
    expect(await inspect(workspace.path('out.webp'))).toMatchObject({ format: 'webp' })
  })

  test('reports text on stdin as an error', async () => {
    const { code, stdout, stderr } = await workspace.start(['-'], { stdin: 'pipe', input: 'no image' })
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toMatch(/^stdin: \[UNSUPPORTED_FORMAT\]/m)
  })

  // The last write fails after all others succeeded.
  test.skipIf(process.platform !== 'linux')('reports a full disk behind stdout', async () => {
    const { exitCode, stderr } = await execa(
      'sh',
      ['-c', `'${process.execPath}' '${program}' cache stats > /dev/full`],
      { cwd: workspace.dir, env: environment, reject: false },
    )
    expect([exitCode, stderr]).toEqual([1, 'nobg: stdout: ENOSPC: no space left on device, write'])
  })

  test('ends without a message if the reader of stdout leaves', async () => {
    const words = [process.execPath, program, '-'].map(word => `'${word}'`).join(' ')
    const { stderr, stdout } = await execa('sh', ['-c', `${words} < cat.jpg | head -c 4 | wc -c`], {
      cwd: workspace.dir,
      env: environment,
    })
    expect(stdout.trim()).toBe('4')
    expect(stderr).not.toMatch(/EPIPE|Error|at /)
  })
})

describe('addresses', () => {
  let server: Server
  let origin: string

  beforeAll(async () => {
    server = createServer((request, response) => {
      const found = /cat|%F0/.test(request.url ?? '')
      response.writeHead(found ? 200 : 404, { 'content-type': 'image/jpeg' })
      response.end(found ? readFileSync(workspace.path('cat.jpg')) : 'no')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  test.each([
    ['/photos/my%20cat.jpeg?signature=s3cret', [], 'my-cat.png'],
    ['/cat', ['-f', 'webp'], 'cat.webp'],
    ['/..%2f..%2fcat.jpg', [], 'cat.png'],
    ['/cat.jpg', ['-o', 'cutouts'], 'cutouts/cat.png'],
    ['/cat.jpg', ['-o', 'x.png'], 'x.png'],
  ])('%s %j', async (path, words, file) => {
    const { code, stderr } = await workspace.run([origin + path, ...words])
    expect([code, workspace.list().filter(name => name !== 'cat.jpg')]).toEqual([0, [file]])
    expect(stderr).not.toContain('s3cret')
    expect(await inspect(workspace.path(file))).toMatchObject({ channels: 4 })
  })

  test('reports the status of a missing page', async () => {
    const { code, stderr } = await workspace.run([`${origin}/none.jpg`])
    expect(code).toBe(3)
    expect(stderr).toMatch(/\[SOURCE_NOT_FOUND\].*404/)
  })
})

describe('a batch', () => {
  beforeEach(() => {
    workspace.put('astronaut', 'in/a.jpg')
    workspace.put('cat', 'in/c.jpg')
  })

  test('continues after a failure and lists it at the end', async () => {
    writeFileSync(workspace.path('in/b.jpg'), 'no image')
    writeFileSync(workspace.path('in/d.jpg'), '')
    const { code, stdout, stderr } = await workspace.start(['in', 'nothing.jpg', 'none/*.jpg', '-o', 'out'])
    expect([code, stdout]).toEqual([1, ''])
    expect(workspace.list().filter(file => file.startsWith('out'))).toEqual(['out/a.png', 'out/c.png'])
    const [, end] = stderr.split('4 of 6 failed:')
    for (const source of ['in/b.jpg', 'in/d.jpg', 'nothing.jpg', 'none/*.jpg']) {
      expect(end).toMatch(
        new RegExp(`^${source.replaceAll('*', '\\*')}: \\[[A-Z_]+\\] Expected .*\n  \\S`, 'm'),
      )
    }
    expect(lines(stderr).at(-1)).toMatch(/^2 written, 4 failed in /)
  })

  test.each<[file: string, content: string, code: number]>([
    ['bad.jpg', 'no image', 4],
    ['empty.jpg', '', 3],
  ])('exits by the failure that all share: %s', async (file, content, code) => {
    writeFileSync(workspace.path(file), content)
    expect(await workspace.run([file, 'in'])).toMatchObject({ code })
  })

  test('a picture without a subject fails, unless --allow-empty', async () => {
    const blank = sharp({ create: { width: 60, height: 40, channels: 3, background: 'white' } })
    await blank.png().toFile(workspace.path('blank.png'))
    for (const words of [[], ['--crop'], ['--background', 'red']]) {
      const { code, stderr } = await workspace.run(['blank.png', '-o', 'out', ...words])
      expect(code).toBe(4)
      expect(stderr).toMatch(/^blank\.png: \[NO_SUBJECT\] Expected a subject/m)
      expect(workspace.list()).not.toContain('out/blank.png')
    }
    expect(await workspace.run(['blank.png', '-o', 'out', '--allow-empty', '--crop'])).toMatchObject({
      code: 0,
    })
    expect(await inspect(workspace.path('out/blank.png'))).toMatchObject({
      width: 60,
      height: 40,
      channels: 4,
    })
  })

  test('--quiet prints only failures', async () => {
    expect(await workspace.run(['in', '--quiet'])).toEqual({ code: 0, stdout: '', stderr: '' })
    writeFileSync(workspace.path('bad.jpg'), 'no image')
    const { code, stderr } = await workspace.run(['bad.jpg', '-q'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/^bad\.jpg: \[UNSUPPORTED_FORMAT\]/)
  })

  test('--json prints one object per line, and a summary', async () => {
    writeFileSync(workspace.path('in/b.jpg'), 'no image')
    const { code, stdout } = await workspace.run(['in', '-o', 'out', '--mask', '--json', '-m', 'portrait'])
    expect(code).toBe(4)
    const [summary, ...pictures] = lines(stdout)
      .map(line => JSON.parse(line))
      .reverse()
    expect(summary).toEqual({
      type: 'summary',
      written: 2,
      skipped: 0,
      failed: 1,
      planned: 0,
      untried: 0,
      ms: expect.any(Number),
    })
    expect(pictures.sort((a, b) => a.source.localeCompare(b.source))).toEqual([
      {
        type: 'picture',
        status: 'written',
        source: 'in/a.jpg',
        file: 'out/a.png',
        mask: 'out/a-mask.png',
        model: 'u2netp',
        matte: 'predicted',
        width: 200,
        height: 200,
        format: 'png',
        bytes: readFileSync(workspace.path('out/a.png')).byteLength,
        findings: [{ code: 'MATTE_UNSURE', message: expect.any(String) }],
        cached: expect.any(Boolean),
        ms: expect.any(Number),
      },
      {
        type: 'picture',
        status: 'failed',
        source: 'in/b.jpg',
        file: 'out/b.png',
        mask: 'out/b-mask.png',
        error: { code: 'UNSUPPORTED_FORMAT', message: expect.any(String), hint: expect.any(String) },
      },
      expect.objectContaining({ source: 'in/c.jpg', status: 'written' }),
    ])
  })

  test('--dry-run prints what would be written and writes nothing', async () => {
    writeFileSync(workspace.path('in/c.png'), 'mine')
    const files = workspace.list()
    const env = { NOBG_CACHE_DIR: workspace.path('cache'), NOBG_MODELS_DIR: workspace.path('models') }
    const plain = await workspace.run(['in/*.jpg', '--dry-run', '--mask'], env)
    expect(plain.code).toBe(0)
    expect(lines(plain.stderr).slice(0, 2)).toEqual([
      'in/a.jpg → in/a.png, in/a-mask.png',
      'in/c.jpg → in/c.png, in/c-mask.png',
    ])
    const { stdout } = await workspace.run(
      ['in/*.jpg', 'http://127.0.0.1:1/x.jpg', '--dry-run', '--json'],
      env,
    )
    expect(lines(stdout).map(line => JSON.parse(line))).toEqual([
      { type: 'picture', source: 'in/a.jpg', file: 'in/a.png', status: 'planned' },
      { type: 'picture', source: 'in/c.jpg', file: 'in/c.png', status: 'skipped' },
      { type: 'picture', source: 'http://127.0.0.1:1/x.jpg', file: 'x.png', status: 'planned' },
      expect.objectContaining({ type: 'summary', planned: 2, skipped: 1 }),
    ])
    expect(workspace.list()).toEqual(files)
  })

  test('--no-cache neither reads nor writes the cache', async () => {
    const cache = workspace.path('cache')
    const { code, stdout } = await workspace.run(['in', '--json', '--no-cache'], { NOBG_CACHE_DIR: cache })
    expect(code).toBe(0)
    expect(
      lines(stdout)
        .slice(0, 2)
        .map(line => JSON.parse(line).cached),
    ).toEqual([false, false])
    expect(workspace.list().filter(file => file.startsWith('cache'))).toEqual([])
  })

  test('reports an output folder without write permission', async () => {
    writeFileSync(workspace.path('out'), 'a file in its place')
    const { code, stderr } = await workspace.run(['in', '-o', 'out/x/'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/in\/a\.jpg: Expected to write .*out.x.a\.png, got: \S/)
    expect(stderr).not.toMatch(/\.part|^\s+at /m)
  })
})

describe('a matte that is probably wrong', () => {
  beforeEach(async () => {
    const data = Uint8Array.from({ length: 451 * 300 }, (_, i) =>
      (i % 451) % 225 > 40 && (i % 451) % 225 < 150 ? 255 : 0,
    )
    const image = sharp(data, { raw: { width: 451, height: 300, channels: 1 } }).toColourspace('b-w')
    await image.png().toFile(workspace.path('cat.matte.png'))
  })

  test('is reported below the picture', async () => {
    const { code, stderr } = await workspace.run(['cat.jpg'])
    expect(code).toBe(0)
    expect(lines(stderr).slice(-2)).toEqual([
      expect.stringContaining('cat.png'),
      expect.stringMatching(/^ {2}\[MATTE_SCATTERED\] The subject is in pieces: 50 % .*\.$/),
    ])
  })

  test('is reported in JSON', async () => {
    const { stdout } = await workspace.run(['cat.jpg', '--json'])
    const [picture] = lines(stdout).map(line => JSON.parse(line))
    expect(picture.findings).toEqual([{ code: 'MATTE_SCATTERED', message: expect.any(String) }])
  })

  test('fails with --quality error, also from the cache, and the hint names the flag', async () => {
    await workspace.run(['cat.jpg', '-o', 'first.png'])
    const { code, stderr } = await workspace.run(['cat.jpg', '--quality', 'error'])
    expect(code).toBe(4)
    expect(stderr).toMatch(/\[DOUBTFUL_MATTE\].*MATTE_SCATTERED/)
    expect(stderr).toContain('--quality')
    expect(workspace.list()).not.toContain('cat.png')
  })

  test('is not reported with --quality off', async () => {
    const { stderr } = await workspace.run(['cat.jpg', '--quality', 'off'])
    expect(stderr).not.toContain('MATTE_')
  })
})
