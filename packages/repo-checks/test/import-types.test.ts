import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { typeFiles } from '../src/import-types.ts'

test.for(typeFiles.map(([file, text]) => [basename(file), file, text] as const))(
  '%s is current: run node packages/repo-checks/src/import-types.ts',
  ([, file, text]) => {
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)
