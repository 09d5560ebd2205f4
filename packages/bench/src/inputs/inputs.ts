// `pnpm --filter @nobg/bench run inputs`: which files nobg and the other libraries understand. Writes the table of docs/comparison.md.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describeMachine } from '../describe-machine.ts'
import { cutByPeers, type PeerCut } from '../gallery/cut-by-peers.ts'
import { installPeers } from '../install-peers.ts'
import { insertFigures } from '../quality/report.ts'
import { openRemover } from '../quality/trials.ts'
import { type InputCase, writeCases } from './cases.ts'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const page = join(root, 'docs/comparison.md')

await installPeers()
const scratch = await mkdtemp(join(tmpdir(), 'nobg-inputs-'))
try {
  const cases = await writeCases(join(root, 'examples/mattes/src/photos/coffee.png'), scratch)
  const rows = [
    ['library', ...cases.map(({ title }) => title)],
    ['---', ...cases.map(() => '---')],
  ]
  rows.push(['nobg', ...(await tryNobg(cases))])
  const files = cases.map(({ file }) => file)
  for (const model of ['u2netp', 'isnet'] as const) {
    for (const { title, cuts } of await cutByPeers(files, model, scratch)) {
      if (rows.some(([library]) => library === title)) continue
      rows.push([title, ...(await Promise.all(cuts.map((cut, i) => judge(cases[i], cut))))])
    }
  }
  const table = rows.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  const text = `${table}\n\n${describeMachine()}.`
  const command = 'pnpm --filter @nobg/bench run inputs'
  await writeFile(page, insertFigures(await readFile(page, 'utf8'), text, command))
} finally {
  await rm(scratch, { recursive: true, force: true })
}

async function tryNobg(cases: readonly InputCase[]): Promise<string[]> {
  const remover = openRemover(join(scratch, 'cache'))
  const cut = async ({ file }: InputCase) =>
    (await remover.ensure(await remover.plan(file, { model: 'u2netp' }))).file
  try {
    return await Promise.all(
      cases.map(async input => judge(input, { bytes: await readFile(await cut(input)) })),
    )
  } finally {
    await remover.close()
  }
}

async function judge(input: InputCase, cut: PeerCut): Promise<string> {
  if ('failure' in cut) return `no: “${cut.failure}”`
  return (await input.isRight(Buffer.from(cut.bytes))) ? 'yes' : 'no'
}
