import { ValidationError } from '@fal-ai/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fail } from '../support/fail.ts'
import { createClient, key, openServer, type TestServer } from '../support/open-server.ts'
import { drawCup, toDataUri } from '../support/pictures.ts'

let it: TestServer
let image_url: string

beforeAll(async () => {
  it = await openServer()
  image_url = await toDataUri(drawCup())
})

afterAll(() => it[Symbol.asyncDispose]())

const app = 'fal-ai/birefnet'

describe('a wrong field is named, with 422', () => {
  const bad: [field: string, input: object, type: string][] = [
    ['image_url', { image_url: undefined }, 'missing'],
    ['image_url', { image_url: 7 }, 'string_type'],
    ['image_url', { image_url: { type: 'Buffer', data: [1, 2] } }, 'string_type'],
    ['model', { model: 'Nothing' }, 'one_of'],
    ['operating_resolution', { operating_resolution: '999x999' }, 'one_of'],
    ['output_format', { output_format: 'jpeg' }, 'one_of'],
    ['output_mask', { output_mask: 'perhaps' }, 'bool_parsing'],
    ['refine_foreground', { refine_foreground: 'perhaps' }, 'value_error'],
    ['background_color', { background_color: 'no color' }, 'value_error'],
  ]
  test.each(bad)('%s: %j', async (field, input, type) => {
    const error = await fail(it.fal.run(app, { input: { image_url, ...input } as never }))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error.status).toBe(422)
    expect((error as unknown as ValidationError).getFieldErrors(field)).toMatchObject([{ type }])
  })

  test('all wrong fields are named at once', async () => {
    const error = await fail(it.fal.run(app, { input: { model: 'x', output_format: 'y' } as never }))
    const fields = (error as unknown as ValidationError).fieldErrors.map(({ loc }) => loc.at(-1))
    expect(fields.toSorted()).toEqual(['image_url', 'model', 'output_format'])
  })

  test('2304x2304 needs the model Dynamic', async () => {
    const input = { image_url, operating_resolution: '2304x2304' } as never
    expect((await fail(it.fal.run(`${app}/v2`, { input }))).status).toBe(422)
  })

  test('in the queue the error is the result of the request', async () => {
    const error = await fail(it.fal.subscribe(app, { input: {} as never }))
    expect([error.name, error.status]).toEqual(['ValidationError', 422])
  })
})

test.each([
  'data:image/png;base64,!!!',
  'data:image/png;base64,aGVsbG8=',
  'not an address',
  'file:///etc/passwd',
  'ftp://example.com/a.png',
  'http://127.0.0.1:9/a.png',
  'http://nowhere.invalid/a.png',
  '',
])('an image that cannot be read (%s) is 422 for image_url', async address => {
  const error = await fail(it.fal.run(app, { input: { image_url: address } }))
  expect(error.status).toBe(422)
  expect((error as unknown as ValidationError).getFieldErrors('image_url')).toHaveLength(1)
  expect(JSON.stringify(error.body)).not.toMatch(/root:|\/(tmp|home|usr)\//)
})

test('a truncated picture is 422', async () => {
  const broken = (await drawCup('jpeg')).subarray(0, 900)
  const error = await fail(it.fal.run(app, { input: { image_url: await toDataUri(broken) } }))
  expect((error as unknown as ValidationError).getFieldErrors('image_url')).toMatchObject([
    { type: 'image_load_error' },
  ])
})

describe('the key', () => {
  test.each(['wrong', 'id:wrong', undefined])('%s: 401 on every call', async shown => {
    const fal = createClient(it.url, shown ?? '')
    const requestId = 'a'
    const calls = [
      fal.run(app, { input: { image_url } }),
      fal.queue.submit(app, { input: { image_url } }),
      fal.queue.status(app, { requestId }),
      fal.queue.result(app, { requestId }),
      fal.queue.cancel(app, { requestId }),
      fal.storage.upload(new Blob(['a'])),
    ]
    for (const error of await Promise.all(calls.map(fail)))
      expect([error.status, error.body]).toEqual([401, { detail: expect.any(String) }])
  })

  test.each([`Bearer ${key}`, key, `Key ${key}x`, 'Key '])('%s is refused', async authorization => {
    const response = await fetch(`${it.url}/fal.run/${app}`, { method: 'POST', headers: { authorization } })
    expect([response.status, response.headers.get('content-type')]).toEqual([401, 'application/json'])
  })
})

test.each([
  ['an unknown app', 'POST', '/fal.run/fal-ai/nothing', '{}', 404],
  ['a wrong method', 'DELETE', `/queue.fal.run/${app}`, undefined, 405],
  ['no JSON', 'POST', `/fal.run/${app}`, '{"image_url":', 422],
  ['no object', 'POST', `/fal.run/${app}`, '[1]', 422],
  ['an unknown request', 'GET', `/queue.fal.run/${app}/requests/none`, undefined, 404],
])('%s is answered in JSON', async (_, method, path, body, status) => {
  const headers = { authorization: `Key ${key}`, 'content-type': 'application/json' }
  const response = await fetch(it.url + path, { method, headers, body })
  expect(response.status).toBe(status)
  expect(await response.json()).toHaveProperty('detail')
})
