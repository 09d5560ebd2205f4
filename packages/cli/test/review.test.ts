import { on } from 'node:events'
import { writeFileSync } from 'node:fs'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { environment, openWorkspace, program } from './support/workspace.ts'

const workspace = openWorkspace()
workspace.put('cat', 'photos/cat.jpg', 'photos/sub/other.jpg')
// The matte of a photograph is no photograph.
writeFileSync(workspace.path('photos/cat.matte.png'), 'a matte')
workspace.put('cat', 'mattes/photos/cat.jpg/u2netp-320.00000000.jpg')

test('nobg review serves the photographs of a folder on this machine, without mattes, and ends at Ctrl-C', async () => {
  const review = execa(process.execPath, [program, 'review', '.', '--mattes', 'mattes'], {
    cwd: workspace.dir,
    env: environment,
    reject: false,
    stdin: 'ignore',
  })
  let output = ''
  for await (const [chunk] of on(review.stderr, 'data', { close: ['end'] })) {
    output += chunk
    if (output.includes('Ctrl-C')) break
  }
  const [, url] = /nobg review of 2 pictures: (http:\/\/127\.0\.0\.1:\d+\/)/.exec(output)!
  const list = (await (await fetch(`${url}api/pictures`)).json()) as { pictures: { path: string }[] }
  expect(list.pictures.map(({ path }) => path)).toEqual(['photos/cat.jpg', 'photos/sub/other.jpg'])
  expect(await (await fetch(`${url}api/settings`)).json()).toMatchObject({ mattes: 'mattes' })
  review.kill('SIGINT')
  expect(await review).toMatchObject({ exitCode: 0, stdout: '' })
})

test('nobg review of a folder without photographs says so', async () => {
  const { code, stderr } = await workspace.run(['review', 'mattes/photos/cat.jpg/*.tif'])
  expect(stderr).toContain('[SOURCE_NOT_FOUND]')
  expect(code).not.toBe(0)
})
