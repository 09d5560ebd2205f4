import { type Config, createModelLibrary, createRemover, type ListedModel, NobgError } from '@nobg/core'
import { firstLineOf, formatBytes, loadRuntime } from '@nobg/core/internal'
import sharp from 'sharp'
import { formatMs, formatPath } from '../report/format.ts'
import { spellHint } from '../report/spell-hint.ts'
import type { CheckResult } from './check-result.ts'

/** sharp and libvips, whose formats depend on the installation. */
export function checkSharp(): CheckResult {
  const { sharp: version, vips } = sharp.versions
  const formats = ['jpeg', 'png', 'webp', 'avif', 'tiff', 'svg'].filter(
    name => sharp.format[name as 'jpeg']?.input.buffer || (name === 'avif' && sharp.format.heif.input.buffer),
  )
  const text = `sharp ${version}, libvips ${vips}: ${formats.join(', ')}`
  return { check: 'sharp', status: 'ok', text, data: { version, vips, formats } }
}

/** The package of ONNX Runtime, and its execution providers. */
export async function checkRuntime(): Promise<CheckResult> {
  try {
    const { ort, name, version, isWasm, failures } = await loadRuntime(0)
    const providers = ort.listSupportedBackends?.().map(backend => backend.name) ?? []
    const listed = providers.length > 0 ? `: ${providers.join(', ')}` : ''
    const hint =
      failures.length > 0
        ? `Install the dependencies again on this machine. ${failures.join('; ')}`
        : 'nobg uses the WebAssembly build, which is several times slower. If there is a package @nobg/runtime-… for this system, install the dependencies again with optional packages.'
    return {
      check: 'runtime',
      status: isWasm || failures.length > 0 ? 'warn' : 'ok',
      text: `${name} ${version}${listed}`,
      ...((isWasm || failures.length > 0) && { hint }),
      data: { name, version, isWasm, providers, failures },
    }
  } catch (error) {
    return failed('runtime', error)
  }
}

/** Cuts out a small generated picture with the embedded model: sharp in its thread, and the model in its process. */
export async function checkCutout(config: Config): Promise<CheckResult> {
  const started = performance.now()
  const remover = createRemover({ ...config, substitute: {}, mattes: undefined, frozen: false })
  const data = Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 37) % 256)
  const picture = { data, width: 64, height: 64, channels: 3 as const }
  try {
    await remover.removeBackground(picture, { model: 'u2netp', allowEmpty: true })
    const ms = Math.round(performance.now() - started)
    const text = `a picture of 64 × 64 px with u2netp took ${formatMs(ms)}, start included`
    return { check: 'cutout', status: 'ok', text, data: { model: 'u2netp', ms } }
  } catch (error) {
    return failed('cutout', error)
  } finally {
    await remover.close()
  }
}

/** The weights on disk, each with its size and digest checked. */
export async function checkWeights(config: Config): Promise<CheckResult[]> {
  const library = createModelLibrary(config)
  const installed = (await library.list()).filter(row => row.installed)
  const results = installed.map(async ({ model, path }: ListedModel): Promise<CheckResult> => {
    const data = { model: model.id, path }
    try {
      await library.verify(model.id)
      const size = model.bytes ? `, ${formatBytes(model.bytes)}` : ''
      return {
        check: 'weights',
        status: 'ok',
        text: `${model.id}: ${formatPath(path)}${size}, verified`,
        data,
      }
    } catch (error) {
      return { ...failed('weights', error), data: { ...data, ...failed('weights', error).data } }
    }
  })
  return Promise.all(results)
}

function failed(check: string, error: unknown): CheckResult {
  const { code, hint } = error as NobgError
  const text = error instanceof NobgError ? error.message : firstLineOf(error)
  return {
    check,
    status: 'fail',
    text: text.replaceAll('\n', ' '),
    hint: spellHint(hint) ?? 'Install the dependencies again on this machine.',
    data: { code },
  }
}
