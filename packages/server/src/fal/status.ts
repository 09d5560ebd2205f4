import type { Addresses } from '../files/addresses.ts'
import { explainOutcome } from '../requests/outcomes.ts'
import type { Snapshot } from '../requests/request.ts'

/**
 * A request's state as fal's status endpoint tells it. `logs` is always a list: the documented snippet reads it unguarded.
 *
 * @param logsFrom how many lines the client has had already; undefined where it wants none.
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
