import type { Addresses } from '../files/addresses.ts'
import { explainOutcome } from '../requests/outcomes.ts'
import type { Snapshot } from '../requests/request.ts'

/**
 * Describes a request in the form of fal's status endpoint. `logs` is a list from IN_PROGRESS on: fal's documented snippet
 * does not check for undefined.
 *
 * @param logsFrom number of lines that the client already has; undefined if it wants no log.
 */
export function describeStatus(snapshot: Snapshot, addresses: Addresses, logsFrom: number | undefined) {
  const { id, state, position, outcome } = snapshot
  const failure = outcome && explainOutcome(outcome)
  const logs = logsFrom === undefined ? [] : snapshot.logs.slice(logsFrom)
  return {
    status: state,
    request_id: id,
    ...addresses.ofRequest(id),
    ...(state === 'IN_QUEUE' ? { queue_position: position } : { logs }),
    ...(state === 'COMPLETED' && { metrics: { inference_time: outcome?.inferenceSeconds ?? 0 } }),
    ...(failure && { error: failure.error, error_type: failure.errorType }),
  }
}
