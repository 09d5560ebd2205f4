import type { GalleryPicture } from './photographs.ts'

/** What the page shows of a picture and a model. */
export interface Shown {
  model: string
  codes: readonly string[]
  /** A sentence, or undefined if nobody looked at these pixels. */
  verdict: string | undefined
  /** Path of the sheet, relative to the page. */
  sheet: string
}

/** An enlarged part beside those of other libraries. */
export interface ShownEdges {
  title: string
  shows: string
  percent: number
  model: string
  /** The libraries in the order of the panels. */
  libraries: readonly string[]
  /** Libraries that made no cutout, with the reason. */
  failures: readonly string[]
  sheet: string
}

/** The section of a picture. */
export function formatPicture({ title, shows }: GalleryPicture, cuts: readonly Shown[]): string {
  const parts = cuts.map(({ model, codes, verdict, sheet }) => {
    const text = verdict ?? 'Nobody has looked at this matte yet.'
    const alt = `${title} by ${model}: the photograph, the matte, the cutout on white and on dark blue`
    return `**${model}:** ${text}${describeCodes(codes)}\n\n![${alt}](${sheet})`
  })
  return [`### ${title}`, `${shows[0].toUpperCase()}${shows.slice(1)}.`, ...parts].join('\n\n')
}

function describeCodes(codes: readonly string[]): string {
  const findings = codes.filter(code => code !== 'NO_SUBJECT').map(code => `\`${code}\``)
  const notes = [
    codes.includes('NO_SUBJECT')
      ? 'By default nobg makes no cutout of it, and reports `NO_SUBJECT`; the sheet is that of `allowEmpty`.'
      : '',
    findings.length > 0 ? `nobg's own check reports ${findings.join(', ')}.` : '',
  ]
  return notes
    .filter(Boolean)
    .map(note => ` ${note}`)
    .join('')
}

/** The heading and the first paragraph of the enlarged parts. */
export const EDGES_INTRODUCTION = `## Edges beside other libraries

The same part of the photograph and of the cutouts, enlarged: each pixel is a square. All libraries have the same weights and their
defaults. transformers.js and imgly keep the colors of the photograph under soft edges, so the old background stays as a line: light around
the hair on dark blue, dark around the feathers on white. nobg estimates the colors without the background. Where the matte itself is
wrong (the windmill, the goldfish), the pictures of all libraries are wrong.`

/** The section of an enlarged part. */
export function formatEdges(edges: ShownEdges): string {
  const { title, shows, percent, model, libraries, failures, sheet } = edges
  const alt = `${title}, ${shows} at ${percent} %: photograph, ${libraries.join(', ')}`
  const missing = failures.map(failure => ` ${failure}.`).join('')
  return `**${title}**: ${shows}, ${model}, ${percent} %.${missing}\n\n![${alt}](${sheet})`
}
