import { NobgError } from '@nobg/core'

/** The optional peer dependencies of this package. */
const PACKAGES = ['bullmq', 'ioredis']

/**
 * Imports a module that needs bullmq or ioredis.
 *
 * @param option name of the config's option that needs the module.
 * @throws {NobgError} INVALID_OPTION if one of the packages is not installed
 */
export async function loadRedis<Module>(option: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const missing = PACKAGES.find(name => message.includes(`'${name}'`))
    if (code !== 'ERR_MODULE_NOT_FOUND' || !missing) throw cause
    throw new NobgError(
      'INVALID_OPTION',
      `${option}: expected the packages ${PACKAGES.join(' and ')}, got no ${missing}.`,
      { hint: `Install them next to @nobg/server: npm install ${PACKAGES.join(' ')}`, cause },
    )
  }
}
