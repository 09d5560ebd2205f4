import { NobgError } from '../shared/errors.ts'
import type { Model } from './model.ts'

/** The license of weights whose authors name none. */
const UNKNOWN = 'unknown'

/** SPDX identifier of the license of a model's weights; `unknown` if the authors name a license only for the code. */
export function readLicense({ license }: Pick<Model, 'license'>): string {
  return license.includes('(code') ? UNKNOWN : license.replace(/ \(.*$/, '')
}

/**
 * Refuses a model whose weights have a license that is not in the list. A local model is the user's own and always allowed.
 *
 * @param allowed SPDX identifiers, in any letter case; undefined allows all.
 * @param models all models, for the hint.
 * @throws {NobgError} LICENSE_NOT_ALLOWED
 */
export function checkLicense(
  model: Model,
  allowed: readonly string[] | undefined,
  models: readonly Model[],
): void {
  if (!allowed || isAllowed(model, allowed)) return
  const others = models.filter(other => !other.path && isAllowed(other, allowed))
  const names = others.map(other => `${other.id} (${readLicense(other)})`).join(', ')
  throw new NobgError(
    'LICENSE_NOT_ALLOWED',
    `Expected weights with one of the licenses ${allowed.join(', ') || '(none)'}, got ${describeLicense(model)}.`,
    {
      hint: `${names ? `Use another model: ${names}` : 'No model has such a license'}. Or add ${readLicense(model)} to \`licenses\` in the config.`,
    },
  )
}

/** `portrait: MIT`. The license of the code would look like that of the weights. */
function describeLicense(model: Model): string {
  return readLicense(model) === UNKNOWN
    ? `${model.id}, whose weights have no stated license (${UNKNOWN})`
    : `${model.id}: ${model.license}`
}

function isAllowed(model: Model, allowed: readonly string[]): boolean {
  const license = readLicense(model).toLowerCase()
  return model.path !== undefined || allowed.some(entry => entry.trim().toLowerCase() === license)
}
