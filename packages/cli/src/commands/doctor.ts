import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '@nobg/core'
import { resolveConfig } from '@nobg/core/internal'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { CheckResult } from '../doctor/check-result.ts'
import { checkCutout, checkRuntime, checkSharp, checkWeights } from '../doctor/engine.ts'
import { checkCache, checkFolder, checkLocks, type Folder } from '../doctor/folders.ts'
import { checkSystem, checkVariables } from '../doctor/system.ts'
import { alignColumns } from '../report/format.ts'
import { writeLine } from '../report/plain.ts'
import { addSettingFlags, type Settings, toConfig } from '../settings.ts'

interface Flags extends Settings {
  json?: boolean
}

const HELP = `
The exit code is 1 if a check fails. Nothing is downloaded. Passwords and keys are left out: the output can be part of a bug report.`

/** `nobg doctor`: checks the installation, the weights and the folders. */
export function addDoctorCommand(program: Command, { exit }: Context): void {
  const doctor = program
    .command('doctor')
    .description('Check the installation: versions, runtime, weights, folders, locks.')
    .option('--json', 'A JSON object on stdout.')
    .addHelpText('after', HELP)
    .action(async (flags: Flags) => {
      const results = await checkAll(toConfig(flags, writeLine), program.version() ?? '')
      if (flags.json) process.stdout.write(`${JSON.stringify({ checks: results }, null, 2)}\n`)
      else print(results)
      exit(results.some(({ status }) => status === 'fail') ? 1 : 0)
    })
  addSettingFlags(doctor, ['modelsDir', 'cacheDir', 'mattes'])
}

async function checkAll(config: Config, version: string): Promise<CheckResult[]> {
  const { cacheDir, modelsDir, mattes } = resolveConfig(config)
  const folders: Folder[] = [
    { check: 'cache-folder', dir: cacheDir, hint: 'Or name another folder: --cache-dir, or NOBG_CACHE_DIR.' },
    {
      check: 'models-folder',
      dir: modelsDir,
      hint: 'Or name another folder: --models-dir, or NOBG_MODELS_DIR.',
    },
  ]
  if (mattes) {
    folders.push({
      check: 'mattes-folder',
      dir: mattes,
      hint: 'Or name another folder: --mattes, or NOBG_MATTES.',
    })
  }
  const temporary = await mkdtemp(join(tmpdir(), 'nobg-'))
  try {
    const offline = { ...config, download: false }
    return [
      { check: 'nobg', status: 'ok', text: `nobg ${version}`, data: { version } },
      ...checkSystem(),
      checkSharp(),
      // First in a process of its own, because a broken library may end the process that loads it.
      await checkCutout({ ...offline, cacheDir: temporary }),
      await checkRuntime(),
      ...(await checkWeights(offline)),
      ...(await Promise.all(folders.map(checkFolder))),
      await checkCache(cacheDir),
      await checkLocks(folders.map(({ dir }) => dir)),
      ...checkVariables(process.env),
    ]
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

function print(results: readonly CheckResult[]): void {
  const rows = results.map(({ status, check, text }) => [status, check, text])
  const lines = alignColumns(rows)
  for (const [index, { hint }] of results.entries()) {
    process.stdout.write(`${lines[index]}\n`)
    if (hint) process.stdout.write(`      ${hint}\n`)
  }
}
