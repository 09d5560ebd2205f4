/** A host whose packages are not installed in the workspace. */
export interface Host {
  /** As in the page: `Storybook`. */
  title: string
  /** Folder below `examples/`. */
  example: string
  /** The package of the host. */
  package: string
  /** The script of the example that makes `dist`. */
  script: string
  /** Number of cutouts in `dist`. */
  cutouts: number
}

export const HOSTS: readonly Host[] = [
  { title: 'Storybook', example: 'storybook', package: 'storybook', script: 'build', cutouts: 1 },
  { title: 'Docusaurus', example: 'docusaurus', package: '@docusaurus/core', script: 'build', cutouts: 2 },
  { title: 'Bun', example: 'bun', package: 'bun', script: 'build', cutouts: 1 },
  { title: 'Payload', example: 'payload', package: 'payload', script: 'start', cutouts: 1 },
]
