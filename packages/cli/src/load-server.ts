import { NobgError } from '@nobg/core'

/**
 * `@nobg/server`, an optional peer dependency: only `nobg serve` and `nobg worker` need it.
 *
 * @throws {NobgError} INVALID_OPTION if the package is not installed
 */
export async function loadServer(): Promise<typeof import('@nobg/server')> {
  try {
    return await import('@nobg/server')
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    // A missing dependency of the server itself is another error.
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes("'@nobg/server'")) throw cause
    throw new NobgError('INVALID_OPTION', 'Expected the package @nobg/server, but it is not installed.', {
      hint: 'Install the package next to nobg: npm i @nobg/server (with npx: npx -p nobg -p @nobg/server nobg serve).',
      cause,
    })
  }
}
