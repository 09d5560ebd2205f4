import { printFields, readFields } from './doc-comments.ts'

/** The page of all configs. */
export function printConfigPage(): string {
  return `# Config

The config sets where nobg keeps files and how it runs. [Options](options.md) change pixels. The config changes no pixel, except \`models\`,
\`substitute\` and \`weightsPrecision\`, which choose the weights.

## Engine

\`createRemover(config)\` of \`@nobg/core\` and \`nobg\`, \`createNobg(config)\` of \`@nobg/sharp\`, the options of each plugin, and \`engine\` of the
server.

${printFields(readFields('packages/core/src/pipeline/config.ts', 'Config'))}

## Plugins

The plugins of \`unplugin-nobg\` and \`@nobg/astro\` take the fields of the engine, and these:

${printFields(readFields('packages/unplugin/src/core/option-types.ts', 'Options'))}

Rollup and Rolldown also have \`emit\` (\`boolean\`, default \`true\`): with \`false\` nobg emits no file, and another loader must load the
picture.

## Server

\`createServer(config)\` of \`@nobg/server\`:

${printFields(readFields('packages/server/src/config.ts', 'ServerConfig'))}

## Worker

\`createWorker(config)\` of \`@nobg/server\` takes \`storage\`, \`allowHosts\`, \`preload\`, \`concurrency\`, \`maxRunSeconds\`,
\`maxCloseSeconds\`, \`fileLifeSeconds\`, \`maxImageBytes\`, \`engine\` and \`logger\` of the server, and these:

${printFields(readFields('packages/server/src/config.ts', 'WorkerConfig'))}
`
}
