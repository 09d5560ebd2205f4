import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from '@nobg/server'
import GithubSlugger from 'github-slugger'

interface Schema {
  $ref?: string
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  items?: Schema
  default?: unknown
  description?: string
  properties?: Record<string, Schema>
  required?: string[]
  minimum?: number
  maximum?: number
}

interface Operation {
  summary: string
  parameters?: { name: string; in: string; description?: string; schema: Schema }[]
  requestBody?: { content: { 'application/json': { schema: Schema } } }
  responses: Record<string, { description: string; content: { 'application/json': { schema: Schema } } }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Schema> }
}

/** The page of the HTTP API, made of the OpenAPI document that a server answers with. */
export async function printHttpPage(): Promise<string> {
  const { paths, components } = await readDocument()
  const printBody = createBodyPrinter()
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => printOperation(method, path, operation, printBody)),
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `## ${name}\n\n${printProperties(schema)}`,
  )
  return `# HTTP API

A [server](../guides/server-and-workers.md) implements the protocol of fal's \`fal-ai/birefnet\`. The first segment of each path is
fal's host name (\`fal.run\` or \`queue.fal.run\`). If the server has keys, send the header \`Authorization: Key <key>\`.
\`/openapi.json\` of a server has the content of this page as an OpenAPI document.

## Send a file

\`image_url\` may be a data URI: \`data:image/jpeg;base64,…\`. For a large file, use an upload. First ask for two addresses:

\`\`\`sh
curl -s http://127.0.0.1:3000/rest.fal.ai/storage/upload/initiate \\
  -H 'Authorization: Key my-key' -H 'Content-Type: application/json' \\
  -d '{"content_type": "image/jpeg", "file_name": "cat.jpg"}'
\`\`\`

\`\`\`json
{ "upload_url": "http://localhost:3000/uploads/…", "file_url": "http://localhost:3000/files/…/cat.jpg" }
\`\`\`

Send the file to \`upload_url\`, which needs no key, and give \`file_url\` as \`image_url\`:

\`\`\`sh
curl -s -X PUT "$UPLOAD_URL" -H 'Content-Type: image/jpeg' --data-binary @cat.jpg
\`\`\`

The server keeps the file for a day (\`fileLifeSeconds\`).

## Answers of all calls

All calls may also have these answers:

| status | meaning |
|---|---|
| 429 | Too many requests are waiting, or the server is receiving too many bytes. Try again later. |
| 503 | The server is closing, or cannot reach its storage or its queue. Try again later. |
| 504 | The request took longer than the server allows. |
| 507 | The server has no space for more files. |

${operations.join('\n\n')}

${schemas.join('\n\n')}

## Other addresses

| address | answer |
|---|---|
| \`/healthz\` | 200 while the process works |
| \`/readyz\` | 200 if the server accepts requests and the weights of \`preload\` are there; otherwise 503 |
| \`/metrics\` | metrics for Prometheus; needs a key |
| \`/openapi.json\` | the OpenAPI document |
| \`/.well-known/jwks.json\` | the public key of webhooks |
| \`/\` | a page to try the server |
`
}

async function readDocument(): Promise<Document> {
  const dataDir = await mkdtemp(join(tmpdir(), 'nobg-openapi-'))
  const logger = { info: () => {}, warn: () => {}, error: () => {} }
  const server = await createServer({ dataDir, logger })
  try {
    const response = await server.fetch(new Request('http://localhost/openapi.json'))
    return (await response.json()) as Document
  } finally {
    await server.close()
    await rm(dataDir, { recursive: true, force: true })
  }
}

type PrintBody = (schema: Schema, title: string) => string

/** Prints the fields of a body, or if an operation before has the same body, a link to that operation. */
function createBodyPrinter(): PrintBody {
  const titles = new Map<string, string>()
  const slugger = new GithubSlugger()
  return (schema, title) => {
    const key = JSON.stringify(schema)
    const first = titles.get(key)
    if (first) return `The body is that of [${first}](#${slugger.slug(first)}).`
    titles.set(key, title)
    return printProperties(schema)
  }
}

function printOperation(method: string, path: string, operation: Operation, printBody: PrintBody): string {
  const { summary, parameters = [], requestBody, responses } = operation
  const query = parameters.filter(parameter => parameter.in === 'query')
  const answers = Object.entries(responses).map(
    ([status, { description, content }]) =>
      `| ${status} | ${description} | ${typeOf(content['application/json'].schema)} |`,
  )
  const title = `${method.toUpperCase()} ${path}`
  return [
    `## ${title}`,
    summary,
    ...query.map(({ name, schema, description }) =>
      `Query \`${name}\`: ${typeOf(schema)}. ${description ?? ''}`.trimEnd(),
    ),
    ...(requestBody ? [printBody(requestBody.content['application/json'].schema, title)] : []),
    ['| status | meaning | body |', '|---|---|---|', ...answers].join('\n'),
  ].join('\n\n')
}

function printProperties({ properties = {}, required = [] }: Schema): string {
  const rows = Object.entries(properties).map(([name, schema]) => {
    const notes = [
      schema.description,
      required.includes(name) ? undefined : 'Optional.',
      schema.default === undefined ? undefined : `Default: \`${schema.default}\`.`,
    ]
    return `| \`${name}\`<br>${typeOf(schema)} | ${notes.filter(Boolean).join(' ')} |`
  })
  return ['| field, type | meaning |', '|---|---|', ...rows].join('\n')
}

function typeOf(schema: Schema): string {
  if (schema.$ref) {
    const name = schema.$ref.split('/').at(-1)!
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ')
  if (schema.enum) return schema.enum.map(value => `\`${value}\``).join(', ')
  if (schema.const !== undefined) return `\`${schema.const}\``
  if (schema.type === 'array') return `list of ${typeOf(schema.items!)}`
  if (schema.properties) return `{ ${Object.keys(schema.properties).join(', ')} }`
  const isBounded = schema.maximum !== undefined && schema.maximum < Number.MAX_SAFE_INTEGER
  const type = [schema.type ?? 'any'].flat().join(' or ')
  return `${type}${isBounded ? ` from ${schema.minimum} to ${schema.maximum}` : ''}`
}
