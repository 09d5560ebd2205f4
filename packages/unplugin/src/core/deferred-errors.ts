import { NobgError } from '@nobg/core'
import { describePlace, explainError, type ImportSite, type LocatedError } from './errors.ts'

/** The errors of a build that many pictures share: a frozen build without mattes, and missing weights. */
export interface DeferredErrors {
  /** Defers an error. @returns false for an error that is not deferred. */
  add(error: unknown, source: string, site: ImportSite): error is NobgError
  /** Reports all pictures in one error, and forgets them. @throws {LocatedError} MATTE_MISSING, WEIGHTS_UNAVAILABLE */
  report(): void
  /** Forgets all pictures, because the build has failed with another error. */
  forget(): void
}

interface Deferred {
  error: NobgError
  source: string
  site: ImportSite
}

/** The other pictures that an error about weights names. */
const MAX_NAMED = 3

/** Creates an empty list. */
export function createDeferredErrors(): DeferredErrors {
  /** By message, which names the photograph, the model and the resolution. */
  const mattes = new Map<string, Deferred>()
  /** By message, which names the model and the path of its weights, and then by photograph. */
  const weights = new Map<string, Map<string, Deferred>>()
  const forget = () => {
    mattes.clear()
    weights.clear()
  }
  return {
    forget,
    add(error, source, site): error is NobgError {
      if (!(error instanceof NobgError)) return false
      const { code, message } = error
      const deferred = { error, source, site }
      if (code === 'MATTE_MISSING') {
        if (!mattes.has(message)) mattes.set(message, deferred)
      } else if (code === 'WEIGHTS_UNAVAILABLE') {
        const pictures = weights.get(message) ?? new Map<string, Deferred>()
        weights.set(message, pictures.set(site.text + source, deferred))
      } else return false
      return true
    },
    report() {
      const missing = [...mattes.values()]
      const errors = [...weights.values()].map(pictures => explainWeights([...pictures.values()]))
      if (missing.length > 0) errors.unshift(explainMattes(missing))
      forget()
      const [first, ...more] = errors
      if (!first) return
      throw Object.assign(first, { message: [first, ...more].map(({ message }) => message).join('\n') })
    },
  }
}

function explainMattes(all: readonly Deferred[]): LocatedError {
  const [{ error, source, site }] = all
  const first = explainError(error, source, site)
  if (all.length === 1) return first
  const message = [
    `nobg: Expected kept mattes of ${all.length} pictures, got none or outdated mattes. nobg is frozen and predicts no matte.`,
    ...all.map(({ error, site }) => `${describePicture(error)}${describePlace(site)}`),
    error.hint,
  ].join('\n  ')
  return Object.assign(first, { message })
}

/** `/src/ada.jpg (model portrait, 1024 px), got none` */
function describePicture({ message }: NobgError): string {
  return message.replace(/^Expected a kept matte of /, '').replace(/\. nobg is frozen.*$/s, '')
}

/** The error of the first picture, and the names of some others. */
function explainWeights([{ error, source, site }, ...others]: readonly Deferred[]): LocatedError {
  const first = explainError(error, source, site)
  if (others.length === 0) return first
  const named = others.slice(0, MAX_NAMED).map(({ site }) => site.text)
  const rest = others.length > MAX_NAMED ? ` and ${others.length - MAX_NAMED} more` : ''
  const message = `${first.message}\n  These weights are needed for ${others.length + 1} pictures: also for ${named.join(', ')}${rest}.`
  return Object.assign(first, { message })
}
