import type { Output } from './unprocessed.ts'

/** The part of Rollup's and Rolldown's output bundle that a guard reads. */
export type Bundle = Record<
  string,
  | { type: 'asset'; source: string | Uint8Array }
  | { type: 'chunk'; code: string; imports: string[]; dynamicImports: string[] }
>

/** The texts of a bundle: its chunks, and the style sheets, pages and scripts among its assets. */
export function readBundle(bundle: Bundle): Output[] {
  return Object.entries(bundle).flatMap(([fileName, file]): Output[] => {
    if (file.type === 'chunk') {
      const imports = [...file.imports, ...file.dynamicImports].filter(name => !(name in bundle))
      return [{ fileName, text: file.code, imports }]
    }
    if (!/\.(?:css|html?|[cm]?js)$/.test(fileName)) return []
    const { source } = file
    return [{ fileName, text: typeof source === 'string' ? source : Buffer.from(source).toString() }]
  })
}
