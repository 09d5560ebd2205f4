import { NobgError } from '../shared/errors.ts'
import type { ExecutionProvider, ProviderRefusal } from '../shared/types.ts'
import type { NetworkOutput, Session } from './session-types.ts'

/** A session on one execution provider. */
export interface Attempt {
  run(input: Float32Array, width: number, height: number): Promise<NetworkOutput>
  release(): Promise<void>
}

/**
 * Opens a session on the first execution provider that accepts the model. If a run fails later, the session is released
 * and the run is repeated on the next provider: many drivers fail only when they run.
 *
 * @param open opens a session on one provider
 * @throws {NobgError} from `open`; if several providers failed, with all reasons and the last error's code. `run` too.
 */
export async function openFirst(
  modelId: string,
  providers: readonly ExecutionProvider[],
  open: (executionProvider: ExecutionProvider) => Promise<Attempt>,
): Promise<Pick<Session, 'run' | 'release'>> {
  const waiting = [...providers]
  let refusals: ProviderRefusal[] = []
  let attempt = await openNext()

  function refuse(executionProvider: ExecutionProvider, error: unknown): void {
    if (providers.length === 1) throw error
    const all = [...refusals, { executionProvider, reason: (error as Error).message }]
    if (waiting.length === 0) throw refusedByAll(modelId, all, error)
    refusals = all
  }

  async function openNext(): Promise<Attempt & { executionProvider: ExecutionProvider }> {
    for (;;) {
      const executionProvider = waiting.shift() as ExecutionProvider
      try {
        return { ...(await open(executionProvider)), executionProvider }
      } catch (error) {
        refuse(executionProvider, error)
      }
    }
  }

  return {
    release: () => attempt.release(),
    async run(input, width, height) {
      for (;;) {
        const { executionProvider } = attempt
        try {
          return { ...(await attempt.run(input, width, height)), executionProvider, refusals }
        } catch (error) {
          refuse(executionProvider, error)
          await attempt.release()
          attempt = await openNext()
        }
      }
    },
  }
}

/** If the CPU has failed, too, its error has the hint. */
function explainRefusals(refusals: readonly ProviderRefusal[], cause: unknown): string | undefined {
  if (!refusals.some(({ executionProvider }) => executionProvider === 'cpu'))
    return "Add 'cpu' at the end of `executionProviders`."
  return cause instanceof NobgError ? cause.hint : undefined
}

function refusedByAll(modelId: string, refusals: readonly ProviderRefusal[], cause: unknown): NobgError {
  const reasons = refusals.map(({ executionProvider, reason }) => `${executionProvider}: ${reason}`)
  return new NobgError(
    cause instanceof NobgError ? cause.code : 'INFERENCE_FAILED',
    [`Expected one of the execution providers to run ${modelId}, got:`, ...reasons].join('\n  '),
    { hint: explainRefusals(refusals, cause), cause },
  )
}
