import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Registry } from '../install-matrix/registry.ts'
import type { Host } from './hosts.ts'
import { type InstalledExample, installExample } from './install-example.ts'
import { readCutouts } from './read-cutouts.ts'

/** The result of a host. */
export interface HostRow {
  host: Host
  /** Version of the host; empty if the installation failed. */
  version: string
  /** Steps that succeeded. */
  done: Step[]
  /** Why the last step failed. */
  failure?: string
}

type Step = 'install' | 'kept mattes' | 'predicted'

/** Installs the example of a host in an empty folder, builds it with kept mattes, and builds it without them. */
export async function tryHost(host: Host, folder: string, registry: Registry): Promise<HostRow> {
  const row: HostRow = { host, version: '', done: [] }
  try {
    const example = await installExample(folder, host.example, registry)
    row.version = await example.readVersion(host.package)
    row.done.push('install')
    const mattes = example.path('mattes')
    if (existsSync(mattes)) {
      await build(host, example)
      row.done.push('kept mattes')
      await rm(mattes, { recursive: true })
    }
    await build(host, example)
    row.done.push('predicted')
  } catch (error) {
    const { stdout = '', stderr = '', message = '' } = error as Partial<Record<string, string>>
    row.failure = [message, stderr, stdout].join('\n').slice(0, 4000)
  }
  return row
}

async function build({ script, cutouts: expected }: Host, example: InstalledExample): Promise<void> {
  await example.build(script)
  const { size } = await readCutouts(example.path('dist'))
  if (size !== expected) throw new Error(`Expected ${expected} cutouts in dist, got ${size}.`)
}

/** Writes the page of the last result, in Markdown. */
export function writeHostPage(rows: readonly HostRow[], date: string): string {
  const lines = rows.map(({ host, version, done, failure }) => {
    const marks = (['install', 'kept mattes', 'predicted'] as const).map(step =>
      done.includes(step) ? 'yes' : failure ? 'no' : '',
    )
    const link = `[${host.title}](../examples/${host.example})`
    return `| ${[link, version, host.cutouts, ...marks].join(' | ')} |`
  })
  return [
    '# Examples of large hosts',
    '',
    '<!-- Written by packages/repo-checks/src/host-examples.ts. -->',
    '',
    `Last run: ${date}, ${process.platform}-${process.arch}, Node ${process.versions.node}. The packages of these hosts are not installed`,
    'in the workspace. A script copies each example into an empty folder, installs it with npm and with the packed packages of nobg,',
    'builds it with its kept mattes, deletes the mattes and the cache, and builds it again with a model. Each build must give the',
    'number of cutouts in the table. Payload gets an upload, and keeps no mattes.',
    '',
    '| host | version | cutouts | install | build with kept mattes | build with a model |',
    '|---|---|---|---|---|---|',
    ...lines,
    '',
    'The examples of all other hosts are built by the tests of the repository.',
    '',
  ].join('\n')
}
