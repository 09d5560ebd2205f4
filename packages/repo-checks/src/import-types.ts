/**
 * The type declarations of marked imports in unplugin-nobg, generated from core's registry of models. To write them:
 * `node packages/repo-checks/src/import-types.ts`.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { declareEnds, listKnownEnds } from 'unplugin-nobg/internal'

const packageDir = resolve(import.meta.dirname, '../../unplugin')

const IGNORE = '// biome-ignore-all format: generated\n'

const HEAD = `nobg's plugins write a declaration file that refers to this file and
// declares the other marked imports of a project. TypeScript allows one * in a pattern, so that only the end of a query can be
// declared in advance.
`

/** Path and text of each declaration file. */
export const typeFiles: [file: string, text: string][] = [
  [
    resolve(packageDir, 'client.d.ts'),
    `${IGNORE}// Types of marked imports. ${HEAD}\n${declareEnds(listKnownEnds({ picture: 'string', vite: true }))}`,
  ],
  [
    resolve(packageDir, 'next-client.d.ts'),
    `${IGNORE}// Types of marked imports in Next.js. ${HEAD}\n${declareEnds(
      listKnownEnds({ picture: 'import("next/image").StaticImageData', vite: false }),
    )}`,
  ],
]

if (import.meta.main) for (const [file, text] of typeFiles) writeFileSync(file, text)
