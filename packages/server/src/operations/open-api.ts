import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject } from 'zod-openapi'
import { createInputSchema } from '../fal/input.ts'
import { detailSchema, outputSchema, statusSchema, submittedSchema } from '../fal/schemas.ts'

let made: ReturnType<typeof createDocument> | undefined

/** @returns the OpenAPI document of this server, made once: its call needs no key, and making it takes 7 ms */
export function readOpenApi(): ReturnType<typeof createDocument> {
  made ??= createOpenApi()
  return made
}

/** Makes the document of the schemas that validate inputs. */
function createOpenApi(): ReturnType<typeof createDocument> {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'nobg',
      version: '1',
      description:
        "Background removal with the protocol of fal-ai/birefnet. The first segment of each path is fal's host name (fal.run or queue.fal.run). If the server has keys, send the header `Authorization: Key <key>`.",
    },
    security: [{ key: [] }],
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'Authorization', description: 'Key <key>' },
      },
    },
    paths: {
      '/fal.run/fal-ai/birefnet': { post: describeCall('run', 'fal-ai/birefnet', outputSchema) },
      '/fal.run/fal-ai/birefnet/v2': { post: describeCall('runV2', 'fal-ai/birefnet/v2', outputSchema) },
      '/queue.fal.run/fal-ai/birefnet': { post: describeSubmit('submit', 'fal-ai/birefnet') },
      '/queue.fal.run/fal-ai/birefnet/v2': { post: describeSubmit('submitV2', 'fal-ai/birefnet/v2') },
      '/queue.fal.run/fal-ai/birefnet/requests/{id}': {
        get: describeRead('result', 'The result of a request.', {
          '200': toJson(outputSchema, 'The result.'),
          '400': toJson(z.object({ detail: z.string() }), 'The request has not ended.'),
        }),
      },
      '/queue.fal.run/fal-ai/birefnet/requests/{id}/status': {
        get: describeRead(
          'status',
          'The status of a request.',
          {
            '200': toJson(statusSchema, 'The request has ended.'),
            '202': toJson(statusSchema, 'The request waits or runs.'),
          },
          { logs: z.enum(['0', '1']).optional().describe('1: the answer has the log of the request.') },
        ),
      },
      '/queue.fal.run/fal-ai/birefnet/requests/{id}/cancel': {
        put: describeRead('cancel', 'Cancel a request.', {
          '202': toJson(z.object({ status: z.string() }), 'The request will be canceled.'),
          '400': toJson(z.object({ status: z.string() }), 'The request has already ended.'),
        }),
      },
    },
  })
}

type App = Parameters<typeof createInputSchema>[0]

const toJson = (schema: z.ZodType, description: string) => ({
  description,
  content: { 'application/json': { schema } },
})

const refusals = {
  '401': toJson(z.object({ detail: z.string() }), 'The key is missing or wrong.'),
  '422': toJson(detailSchema, 'The input is wrong. The body lists all problems, each with its field.'),
}

function describeCall(
  operationId: string,
  app: App,
  output: z.ZodType,
  answer = 'The cutout.',
): ZodOpenApiOperationObject {
  return {
    operationId,
    summary: `Cut out a picture (${app}) and wait for the result.`,
    requestBody: { required: true, content: { 'application/json': { schema: createInputSchema(app, []) } } },
    responses: { '200': toJson(output, answer), ...refusals },
  }
}

function describeSubmit(operationId: string, app: App): ZodOpenApiOperationObject {
  return {
    ...describeCall(operationId, app, submittedSchema, 'The id and the URLs of the request.'),
    summary: `Put a request into the queue (${app}).`,
    requestParams: {
      query: z.object({
        fal_webhook: z.url().optional().describe('URL to which the server posts the result.'),
      }),
    },
  }
}

function describeRead(
  operationId: string,
  summary: string,
  answers: Partial<Record<'200' | '202' | '400', ReturnType<typeof toJson>>>,
  query: Record<string, z.ZodType> = {},
): ZodOpenApiOperationObject {
  return {
    operationId,
    summary,
    requestParams: { path: z.object({ id: z.string() }), query: z.object(query) },
    responses: {
      ...answers,
      '401': refusals['401'],
      '404': toJson(z.object({ detail: z.string() }), 'There is no such request.'),
    },
  }
}
