import { statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { NobgError } from '@nobg/core'
import { showValue } from '@nobg/core/internal'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { loadPlugin } from '../load-plugin.ts'

interface Flags {
  check?: boolean
  file?: string
}

const HELP = `
TypeScript needs the file nobg-env.d.ts for a type check. Commit the file, or run this command before the type check. The plugins of
unplugin-nobg keep the file up to date. Astro declares the imports itself.`

/** `nobg types`: writes or checks the declaration file of a project's marked imports. */
export function addTypesCommand(program: Command, { exit }: Context): void {
  program
    .command('types')
    .argument('[dir]', 'The folder of a project.', '.')
    .description('Declare the images that a project imports with ?nobg, for TypeScript.')
    .option('--check', 'Write nothing. The exit code is 1 if the file is out of date.')
    .option(
      '--file <path>',
      'Path of the file. Default: nobg-env.d.ts in a folder that tsconfig.json includes.',
    )
    .addHelpText('after', HELP)
    .action(async (word: string, flags: Flags) => {
      const [line, isCurrent] = await updateTypes(resolveFolder(word), flags)
      process.stdout.write(`${line}\n`)
      if (flags.check && !isCurrent) exit(1)
    })
}

function resolveFolder(word: string): string {
  const dir = resolve(word)
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir
  throw new NobgError('INVALID_OPTION', `Expected the folder of a project, got ${showValue(word)}.`, {
    hint: 'Give the folder of the project: nobg types site. Or run nobg types in that folder.',
  })
}

/** @returns the result in words, and whether the file was up to date. */
async function updateTypes(dir: string, { check, file }: Flags): Promise<[line: string, isCurrent: boolean]> {
  const plugin = await loadPlugin(dir)
  const project = plugin.findProject(dir)
  if (project.host.name === 'astro' && !file)
    return ['Astro declares the imports itself: run astro sync.', true]
  const prepared = await plugin.prepareDeclarations(project, file && resolve(file))
  const path = relative(process.cwd(), prepared.file)
  const count = `${prepared.ends.length} marked ${prepared.ends.length === 1 ? 'import' : 'imports'}`
  if (prepared.isCurrent) return [`${path}: up to date, ${count}`, true]
  if (check) return [`${path}: out of date, ${count}. Run nobg types, and commit the file.`, false]
  await plugin.writeDeclarations(prepared)
  return [`${path}: written, ${count}`, false]
}
