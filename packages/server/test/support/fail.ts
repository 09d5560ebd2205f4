import type { ApiError } from '@fal-ai/client'
import { expect } from 'vitest'

/** @returns the error that fal's client throws */
export const fail = (run: Promise<unknown>): Promise<ApiError<never>> =>
  run.then(
    () => expect.unreachable('expected an error'),
    error => error,
  )
