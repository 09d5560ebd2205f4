import type { Options } from '@nobg/core'
import { optionNames, optionsSchema, spellOption } from '@nobg/core/internal'
import { spellFlag } from 'nobg/internal'

/** What differs over HTTP. */
const NOTES_ON_HTTP: Partial<Record<keyof Options, string>> = {
  outputFormat: ", with `gif` in place of `avif`, as at fal's endpoint",
}

/** The page of core's options. */
export function printOptionsPage(): string {
  return `# Options

Options change the pixels of a picture. They have the same names everywhere, in the spelling of the place:

| place | spelling | example |
|---|---|---|
| TypeScript, JavaScript, presets | camelCase | \`{ outputFormat: 'webp' }\` |
| a query | camelCase; the other spellings work, too | \`./cat.jpg?nobg&outputFormat=webp\` |
| the command line | kebab-case | \`--output-format webp\` |
| the HTTP API | snake_case | \`"output_format": "webp"\` |

In a query, a word without a value is \`true\`. A misspelled option is an error with a suggestion. In a bundler, the import of a
photograph with \`outputMask\` is the mask instead of the cutout, and a picture without \`outputFormat\` is WebP of quality 90 or PNG:
[Format](../guides/queries-and-presets.md#format).

${optionNames.map(printOption).join('\n\n')}
`
}

function printOption(name: keyof Options): string {
  return `## ${name}

${optionsSchema.shape[name].description}

Command line: \`${spellFlag(name)}\`. HTTP: \`${spellOption(name, 'snake')}\`${NOTES_ON_HTTP[name] ?? ''}.`
}
