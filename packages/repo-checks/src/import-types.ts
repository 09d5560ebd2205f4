/**
 * The type declarations of marked imports in unplugin-nobg, generated from core's registry of models. To write them:
 * `node packages/repo-checks/src/import-types.ts`.
 */
import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { declareImports } from 'unplugin-nobg/internal'

const packageDir = resolve(import.meta.dirname, '../../unplugin')

const HEAD = `allows one * in a pattern. So write the marker last ('./a.jpg?crop&nobg'), name a model or a
// preset in the marker ('./a.jpg?nobg=portrait'), or write './a.nobg.jpg', for which the host declares a type.
// Declare each of your presets in the same form.
`

/** Path and text of each declaration file. */
export const typeFiles: [file: string, text: string][] = [
  [
    resolve(packageDir, 'client.d.ts'),
    `// Types of marked imports. TypeScript ${HEAD}\n${declareImports({ picture: 'string', vite: true })}`,
  ],
  [
    resolve(packageDir, 'next-client.d.ts'),
    `// Types of marked imports in Next.js. TypeScript ${HEAD}\n${declareImports({
      picture: "import('next/image').StaticImageData",
      vite: false,
    })}`,
  ],
]

if (import.meta.main) for (const [file, text] of typeFiles) writeFileSync(file, text)
