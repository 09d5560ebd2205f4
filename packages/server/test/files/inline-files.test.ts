import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { createStorage } from 'unstorage'
import { expect, onTestFinished, test } from 'vitest'
import { inlineSmallFiles, openInlineBody } from '../../src/files/inline-files.ts'
import { createTokenFileStore, type TokenFileStore } from '../../src/files/token-file-store.ts'
import { openFolder } from '../../src/storage/open-folder.ts'

async function openFiles(): Promise<TokenFileStore> {
  const dir = await mkdtemp(join(tmpdir(), 'nobg-inline-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  return createTokenFileStore(await openFolder(dir))
}

/** Stores files, and describes them in an outcome. */
async function makeOutcome(fileStore: TokenFileStore, files: Uint8Array[]) {
  const inline: Record<string, string> = {}
  const body: Record<string, unknown> = { note: 'é "quoted"' }
  for (const [index, bytes] of files.entries()) {
    const token = await fileStore.put({ bytes, contentType: 'image/png', fileName: 'a.png' }, 60)
    const url = `http://localhost/files/${token}/a.png`
    inline[url] = token
    body[`file${index}`] = { url, width: 7 }
  }
  return { status: 200, body, inline }
}

const toUri = (bytes: Uint8Array) => `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`

test.each([0, 1, 2, 3, 4, 2 ** 20 + 1, 3 * 2 ** 20 + 2])(
  'files of %i bytes are sent as data URIs, with their length',
  async size => {
    const files = [randomBytes(size), randomBytes(10)]
    const fileStore = await openFiles()
    const outcome = await makeOutcome(fileStore, files)
    const opened = (await openInlineBody(outcome, fileStore)) ?? expect.unreachable()
    const sent = await text(opened.pieces)
    expect(Buffer.byteLength(sent)).toBe(opened.size)
    const expected = {
      note: 'é "quoted"',
      file0: { url: toUri(files[0]), width: 7 },
      file1: { url: toUri(files[1]), width: 7 },
    }
    expect(JSON.parse(sent)).toEqual(expected)
    expect(await inlineSmallFiles(outcome, fileStore)).toEqual(expected)
  },
)

test('a file is read as fast as the text is taken', async () => {
  const fileStore = await openFiles()
  const outcome = await makeOutcome(fileStore, [Buffer.alloc(20 * 2 ** 20)])
  const { pieces } = (await openInlineBody(outcome, fileStore)) ?? expect.unreachable()
  for await (const piece of pieces) expect(piece.byteLength).toBeLessThan(2 * 2 ** 20)
})

test('a large file keeps its address in a webhook, and an expired file has no text', async () => {
  const fileStore = createTokenFileStore({ storage: createStorage() })
  const outcome = await makeOutcome(fileStore, [Buffer.alloc(9 * 2 ** 20), Buffer.from('ab')])
  const [[address, token]] = Object.entries(outcome.inline)
  expect(await inlineSmallFiles(outcome, fileStore)).toMatchObject({
    file0: { url: address },
    file1: { url: toUri(Buffer.from('ab')) },
  })
  await fileStore.delete(token)
  expect(await openInlineBody(outcome, fileStore)).toBeUndefined()
  expect(await inlineSmallFiles(outcome, fileStore)).toMatchObject({ file0: { url: address } })
})
