import type { Attempt, Step } from './try-install.ts'

/** One line of the table. */
export interface Row {
  title: string
  /** Version of the package manager. */
  version: string
  /** Version of Node. */
  node: string
  attempt: Attempt
}

const STEPS: readonly Step[] = ['install', 'page', 'command']

/** Writes the page of the last result, in Markdown. */
export function writeTable(rows: readonly Row[], date: string): string {
  const lines = rows.map(({ title, version, node, attempt }) => {
    const { installed, failures } = attempt
    const size = installed ? `${installed.packages}, ${installed.megabytes} MB` : ''
    const hasInstall = failures.install === undefined
    const marks = STEPS.map(step => (failures[step] ? 'no' : step === 'install' || hasInstall ? 'yes' : ''))
    return `| ${[title, version, node, size, ...marks].join(' | ')} |`
  })
  const reasons = rows.flatMap(({ title, node, attempt }) =>
    Object.entries(attempt.failures).map(
      ([step, reason]) => `* ${title}, Node ${node}, ${step}: ${reason.replaceAll('|', '\\|')}`,
    ),
  )
  return [
    '# Package managers',
    '',
    '<!-- Written by packages/repo-checks/src/install-matrix.ts. -->',
    '',
    `Last run: ${date}, ${process.platform}-${process.arch}. Each line is an empty folder with empty caches. All packages come from`,
    'one registry: `unplugin-nobg`, `nobg` and Vite are installed, `vite build` builds a page with `./coffee.png?nobg`, and `nobg` cuts out',
    'a photograph. pnpm 10 and 12 run with `strictDepBuilds`: an install script that is not allowed is an error.',
    '',
    '| package manager | version | Node | packages | install | page | command |',
    '|---|---|---|---|---|---|---|',
    ...lines,
    ...(reasons.length > 0 ? ['', 'What does not work:', '', ...reasons] : []),
    '',
  ].join('\n')
}
