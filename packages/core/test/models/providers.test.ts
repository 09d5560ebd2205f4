import { expect, test } from 'vitest'
import { type Attempt, openFirst } from '../../src/models/providers.ts'
import { NobgError } from '../../src/shared/errors.ts'
import type { ExecutionProvider } from '../../src/shared/types.ts'

const data = Float32Array.of(1)
const failure = (text: string) => new NobgError('WEIGHTS_CORRUPT', text)

/** Opens sessions on providers that fail to open, fail their first runs, or work. */
function createProviders(runsBeforeSuccess: Partial<Record<ExecutionProvider, number>>) {
  const released: ExecutionProvider[] = []
  const open = async (provider: ExecutionProvider): Promise<Attempt> => {
    let failures = runsBeforeSuccess[provider]
    if (failures === undefined) throw failure(`no ${provider} here`)
    return {
      async run() {
        if (failures && failures-- > 0) throw failure(`${provider} failed`)
        return { data, width: 1, height: 1 }
      },
      async release() {
        released.push(provider)
      },
    }
  }
  return { open, released }
}

test.each<
  [string, ExecutionProvider[], Partial<Record<ExecutionProvider, number>>, ExecutionProvider, string[]]
>([
  ['the first provider', ['webgpu', 'cpu'], { webgpu: 0, cpu: 0 }, 'webgpu', []],
  [
    'the next provider after failures to open',
    ['cuda', 'webgpu', 'cpu'],
    { cpu: 0 },
    'cpu',
    ['no cuda here', 'no webgpu here'],
  ],
  [
    'the next provider after a failed run',
    ['webgpu', 'cpu'],
    { webgpu: 9, cpu: 0 },
    'cpu',
    ['webgpu failed'],
  ],
])('uses %s', async (_, providers, runs, executionProvider, reasons) => {
  const { open, released } = createProviders(runs)
  const session = await openFirst('plain', providers, open)
  for (let run = 0; run < 2; run++) {
    const output = await session.run(data, 1, 1)
    expect(output).toMatchObject({ executionProvider, data })
    expect(output.refusals.map(({ reason }) => reason)).toEqual(reasons)
  }
  expect(released).toEqual(reasons.some(reason => reason.includes('failed')) ? ['webgpu'] : [])
})

test('if all fail, the error gives each reason', async () => {
  const { open } = createProviders({ webgpu: 9 })
  const session = await openFirst('plain', ['cuda', 'webgpu', 'cpu'], open)
  await expect(session.run(data, 1, 1)).rejects.toMatchObject({
    code: 'WEIGHTS_CORRUPT',
    message: /none.*\n {2}cuda: no cuda here\n {2}webgpu: webgpu failed\n {2}cpu: no cpu here/s,
    // The CPU was tried already.
    hint: undefined,
  })
})

test('if all but the CPU fail, the hint is to add the CPU', async () => {
  const { open } = createProviders({})
  await expect(openFirst('plain', ['cuda', 'webgpu'], open)).rejects.toMatchObject({
    message: /none.*\n {2}cuda: no cuda here\n {2}webgpu: no webgpu here/s,
    hint: "Add 'cpu' at the end of `executionProviders`.",
  })
})

test('a last provider that fails once is tried again for the next picture', async () => {
  const session = await openFirst('plain', ['cuda', 'cpu'], createProviders({ cpu: 1 }).open)
  await expect(session.run(data, 1, 1)).rejects.toThrow('cpu: cpu failed')
  expect((await session.run(data, 1, 1)).refusals).toHaveLength(1)
})

test("a single provider's error is thrown unchanged", async () => {
  await expect(openFirst('plain', ['dml'], createProviders({}).open)).rejects.toThrow(/^no dml here$/)
})
