import type { ErrorCode } from '@nobg/core'
import { EXIT_CODES } from 'nobg/internal'
import { readMembers } from './doc-comments.ts'

/** What a reader can do about each error. */
const REMEDIES = {
  INVALID_OPTION:
    'Correct the name or the value. The message has the expected and the received value, and the hint often has a suggestion.',
  INVALID_SOURCE:
    'Give a path, a URL, a `data:` URI, bytes, a `Blob`, a stream, or decoded pixels. If a file has 0 bytes, a program was probably interrupted while it wrote the file.',
  SOURCE_NOT_FOUND:
    'Check the spelling and the permissions. A relative path is relative to the working directory. The path of an import is relative to the importing file.',
  SOURCE_TIMEOUT:
    'Raise `timeoutMs`, or fetch the image yourself and give its bytes. If too many files are open, raise the limit of open files (`ulimit -n`).',
  SOURCE_CHANGED: 'Run again after the file has been written completely.',
  SOURCE_TOO_LARGE: 'Raise `maxBytes`, or give a smaller file.',
  UNSUPPORTED_FORMAT:
    'Convert the image to JPEG, PNG, WebP or AVIF, with 8 or 16 bits per channel. The prebuilt binaries of sharp decode AVIF, but not the HEIC photographs of phones: on macOS, convert them with `sips -s format jpeg ada.heic --out ada.jpg`. Export HDR as SDR, and develop camera raw files.',
  CORRUPT_IMAGE:
    'Open the image in another program. If it is complete there, save it again; otherwise download it again.',
  TOO_MANY_PIXELS: 'Scale the image down, or raise `maxPixels` if the machine has enough memory.',
  INVALID_MATTE:
    "Give a matte with the photograph's aspect ratio, grayscale or with alpha. If the matte is in Git LFS, run `git lfs pull` first.",
  MATTE_MISSING:
    'Make the matte on your machine (`NOBG_FROZEN=0 npm run build`, without `frozen: true`) and commit it. See [Cutouts in a team](../mattes.md#build-in-ci).',
  UNKNOWN_MODEL: '`npx nobg models` lists the models. Describe your own model in the config field `models`.',
  LICENSE_NOT_ALLOWED:
    'Use a model that the error names, or add the license to `licenses`. See [Licenses of weights](../licenses.md).',
  UNSUPPORTED_RESOLUTION: 'Choose a resolution that the message allows, or use another model.',
  WEIGHTS_UNAVAILABLE:
    'Allow the download, pull the weights on a machine with an internet connection, or use the embedded model (`NOBG_SUBSTITUTE=u2netp`). See [Offline and mirrors](../guides/offline-and-mirrors.md).',
  WEIGHTS_CORRUPT:
    'Remove the file (`npx nobg models rm <id>`) and pull it again (`npx nobg models pull <id>`). A mirror must hold the original files.',
  INSUFFICIENT_MEMORY:
    'Give the container more memory, end other programs, lower `concurrency`, use a smaller model, or run the model on another machine (`remote`).',
  INFERENCE_FAILED:
    'Run again with the CPU (`executionProviders: ["cpu"]`) and with more free memory. If that fails too, report it with the output of `npx nobg doctor`.',
  REMOTE_FAILED:
    'Start the server (`npx nobg serve`), and correct `remote` and `remoteKey`. The message has the status and the answer of the server.',
  NO_SUBJECT: 'Try another model, lower `threshold`, or set `allowEmpty` to accept such images.',
  DOUBTFUL_MATTE:
    'Look at the findings, and correct the matte (`npx nobg review`), try another model, or mark the matte as reviewed. `quality: "warn"` only warns.',
  ABORTED: 'Nothing: your code, Ctrl-C or SIGTERM stopped the work.',
} satisfies Record<ErrorCode, string>

/** The page of all errors. */
export function printErrorsPage(): string {
  const codes = readMembers('packages/core/src/shared/errors.ts', 'ErrorCode')
  return `# Errors

The errors of nobg are \`NobgError\`s, except for errors of the system, such as a full disk, and errors of bundler plugins. The \`code\` of an error is
permanent, its \`message\` has what was expected and what was received, and its
\`hint\` says what you can do.

\`\`\`ts
import { NobgError, removeBackground } from 'nobg'

try {
  await removeBackground('ada.jpg')
} catch (error) {
  if (!(error instanceof NobgError)) throw error
  console.error(error.code, error.message, error.hint)
}
\`\`\`

The command line ends with the exit code of the error. The server answers with 422 if the client can correct the request,
504 if the request took too long, and otherwise 500. The log of the server has the details.

${codes.map(({ name, text }) => printError(name as ErrorCode, text)).join('\n\n')}
`
}

function printError(code: ErrorCode, meaning: string): string {
  return `## ${code}

${meaning}

**What to do:** ${REMEDIES[code]}

Exit code: ${EXIT_CODES[code]}.`
}
