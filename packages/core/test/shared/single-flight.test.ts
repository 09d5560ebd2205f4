import { describe, expect, it } from 'vitest'
import { createSingleFlight } from '../../src/shared/single-flight.ts'

describe('createSingleFlight', () => {
  it('starts once for all calls while the work runs, and again for later calls', async () => {
    const join = createSingleFlight<number>()
    let starts = 0
    const start = async () => ++starts
    expect(await Promise.all([join('a', start), join('a', start), join('b', start)])).toEqual([1, 1, 2])
    expect(await join('a', start)).toBe(3)
  })

  it('rejects all calls with the same error, and does not keep the error', async () => {
    const join = createSingleFlight<number>()
    const error = new Error('no')
    const fail = () => Promise.reject(error)
    const outcomes = await Promise.allSettled([join('a', fail), join('a', fail)])
    expect(outcomes.map(outcome => outcome.status === 'rejected' && outcome.reason)).toEqual([error, error])
    expect(await join('a', async () => 1)).toBe(1)
  })

  it('continues for the other callers if one aborts', async () => {
    const join = createSingleFlight<string>()
    let finish = (_result: string) => {}
    const work = new Promise<string>(resolve => {
      finish = resolve
    })
    const leaver = new AbortController()
    let workSignal: AbortSignal | undefined
    const start = (signal: AbortSignal) => {
      workSignal = signal
      return work
    }
    const leaving = join('a', start, leaver.signal)
    const staying = join('a', start, new AbortController().signal)
    leaver.abort('bored')
    await expect(leaving).rejects.toMatchObject({ code: 'ABORTED', cause: 'bored' })
    expect(workSignal?.aborted).toBe(false)
    finish('done')
    expect(await staying).toBe('done')
    expect(workSignal?.aborted).toBe(false)
  })

  it('aborts the work when all callers have aborted, and starts again for the next call', async () => {
    const join = createSingleFlight<string>()
    const signals: AbortSignal[] = []
    const stuck = (signal: AbortSignal) => {
      signals.push(signal)
      return new Promise<string>((_, reject) =>
        signal.addEventListener('abort', () => reject(new Error('stopped'))),
      )
    }
    const [one, two] = [new AbortController(), new AbortController()]
    const both = [join('a', stuck, one.signal), join('a', stuck, two.signal)]
    one.abort()
    two.abort('enough')
    const outcomes = await Promise.allSettled(both)
    expect(outcomes).toMatchObject([
      { reason: { code: 'ABORTED' } },
      { reason: { code: 'ABORTED', cause: 'enough' } },
    ])
    expect(signals).toMatchObject([{ aborted: true, reason: 'enough' }])
    expect(await join('a', async () => 'fresh')).toBe('fresh')
  })

  it('does not start for a signal that has already fired', async () => {
    const join = createSingleFlight<string>()
    await expect(join('a', () => expect.unreachable(), AbortSignal.abort())).rejects.toMatchObject({
      code: 'ABORTED',
    })
  })
})
