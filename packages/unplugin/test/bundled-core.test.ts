import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
// @ts-expect-error ncc has no types.
import ncc from '@vercel/ncc'
import { build } from 'esbuild'
import { rolldown } from 'rolldown'
import { rollup } from 'rollup'
import { afterAll, beforeAll, expect, test } from 'vitest'

const dir = mkdtempSync(join(tmpdir(), 'nobg-bundled-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const core = createRequire(import.meta.url).resolve('@nobg/core')
const coffee = join(import.meta.dirname, '../../../examples/vite/src/photos/coffee.png')
const entry = join(dir, 'entry.mjs')

beforeAll(() => {
  mkdirSync(join(dir, 'node_modules/@nobg'), { recursive: true })
  symlinkSync(join(core, '../..'), join(dir, 'node_modules/@nobg/core'), 'dir')
  copyFileSync(coffee, join(dir, 'coffee.png'))
  writeFileSync(
    entry,
    `import { createRemover } from '@nobg/core'
    const warnings = []
    const logger = { info() {}, warn: message => warnings.push(message) }
    const [modelsDir] = process.argv.slice(2)
    const remover = createRemover({ cacheDir: 'cache', modelsDir, download: false, logger })
    remover.removeBackground('coffee.png', { model: 'u2netp' }).then(
      ({ width }) => console.log(JSON.stringify({ width, warnings })),
      ({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint, warnings })),
    ).finally(() => remover.close())`,
  )
})

/** Returns the output of the program in `file`, with or without weights in its models' folder. */
function run(file: string, hasWeights: boolean): unknown {
  const modelsDir = join(dir, hasWeights ? 'with' : 'without')
  mkdirSync(modelsDir, { recursive: true })
  const weights = createRequire(core).resolve('@nobg/u2netp/u2netp.onnx')
  if (hasWeights) copyFileSync(weights, join(modelsDir, 'u2netp.onnx'))
  const { NODE_OPTIONS: _, ...env } = process.env
  const { stdout, stderr } = spawnSync(process.execPath, [join(dir, file), modelsDir], {
    cwd: dir,
    encoding: 'utf8',
    env,
  })
  if (!stdout) throw new Error(stderr)
  return JSON.parse(stdout)
}

const external = ['sharp', 'onnxruntime-node']
const EXTERNAL_OF_PREPARED = 'proper-lockfile'

/** Bundles all but a CommonJS package that core loads on demand with esbuild, for bundlers that read no TypeScript 7. */
async function prepare(): Promise<string> {
  const folder = dirname(createRequire(core).resolve(`${EXTERNAL_OF_PREPARED}/package.json`))
  const link = join(dir, 'node_modules', EXTERNAL_OF_PREPARED)
  if (!existsSync(link)) symlinkSync(folder, link, 'dir')
  const [outfile, format, platform] = [join(dir, 'prepared.mjs'), 'esm', 'node'] as const
  const banner = {
    js: "import { createRequire as create } from 'node:module'; const require = create(import.meta.url)",
  }
  const prepared = { entryPoints: [entry], outfile, bundle: true, format, platform, banner }
  await build({ ...prepared, external: [...external, EXTERNAL_OF_PREPARED], logLevel: 'silent' })
  return outfile
}

const bundlers: [name: string, file: string, bundle: () => Promise<unknown>][] = [
  [
    'esbuild, as CommonJS',
    'esbuild.cjs',
    () =>
      build({
        entryPoints: [entry],
        outfile: join(dir, 'esbuild.cjs'),
        bundle: true,
        platform: 'node',
        format: 'cjs',
        external,
        logLevel: 'silent',
      }),
  ],
  [
    'ncc, as a module',
    'ncc/index.mjs',
    async () => {
      const outfile = await prepare()
      const { code, assets } = await ncc(outfile, { externals: external, quiet: true, cache: false })
      mkdirSync(join(dir, 'ncc'), { recursive: true })
      writeFileSync(join(dir, 'ncc/index.mjs'), code)
      for (const [name, { source }] of Object.entries<{ source: Buffer }>(assets))
        writeFileSync(join(dir, 'ncc', name), source)
    },
  ],
  [
    'Rolldown, as a module',
    'rolldown.mjs',
    async () => {
      const bundle = await rolldown({ input: entry, platform: 'node', external, logLevel: 'silent' })
      await bundle.write({ file: join(dir, 'rolldown.mjs'), codeSplitting: false })
    },
  ],
  [
    'Rollup, as a module',
    'rollup.mjs',
    async () => {
      const bundle = await rollup({
        input: await prepare(),
        external: [/^node:/, ...external, EXTERNAL_OF_PREPARED],
        onwarn() {},
      })
      await bundle.write({ file: join(dir, 'rollup.mjs'), inlineDynamicImports: true })
    },
  ],
]

test.each(bundlers)(
  'core in a bundle of %s: the error has the bundle and the setting to change',
  async (_, file, bundle) => {
    await bundle()
    const hint = expect.stringMatching(/serverExternalPackages.*esbuild: external.*Rollup: external.*ssr/)
    const cause = expect.stringContaining('@nobg/core is part of a bundle')
    // The first missing package depends on the folders above the bundle.
    const code = expect.stringMatching(/^(?:WEIGHTS_UNAVAILABLE|INFERENCE_FAILED)$/)
    expect(run(file, false)).toEqual({ code, message: cause, hint, warnings: [] })
    expect(run(file, true)).toEqual({ code: 'INFERENCE_FAILED', message: cause, hint, warnings: [] })
  },
)
