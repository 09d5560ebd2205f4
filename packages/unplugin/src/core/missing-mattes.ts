import type { NobgError } from '@nobg/core'
import { describePlace, explainError, type ImportSite } from './errors.ts'

/** The pictures of a frozen build that have no matte. */
export interface MissingMattes {
  add(error: NobgError, source: string, site: ImportSite): void
  /** Reports all pictures in one error, and forgets them. @throws {LocatedError} MATTE_MISSING */
  report(): void
}

interface Missing {
  error: NobgError
  source: string
  site: ImportSite
}

/** Creates an empty list. */
export function createMissingMattes(): MissingMattes {
  /** By message, which names the photograph, the model and the resolution. */
  const missing = new Map<string, Missing>()
  return {
    add(error, source, site) {
      if (!missing.has(error.message)) missing.set(error.message, { error, source, site })
    },
    report() {
      const all = [...missing.values()]
      missing.clear()
      if (all.length === 0) return
      const [{ error, source, site }] = all
      const first = explainError(error, source, site)
      throw all.length === 1 ? first : Object.assign(first, { message: describeAll(all) })
    },
  }
}

function describeAll(all: readonly Missing[]): string {
  return [
    `nobg: Expected kept mattes of ${all.length} pictures, got none that fit: this build is frozen and predicts nothing.`,
    ...all.map(({ error, site }) => `${describePicture(error)}${describePlace(site)}`),
    all[0].error.hint,
  ].join('\n  ')
}

/** `/src/ada.jpg by portrait at 1024 px, got none` */
function describePicture({ message }: NobgError): string {
  return message.replace(/^Expected a kept matte of /, '').replace(/: this build is frozen.*$/s, '')
}
