import { z } from 'zod'

// The answers in fal's form. The OpenAPI document is made of these schemas.

const fileSchema = z
  .object({
    url: z.string().describe('A URL, or with sync_mode a data URI.'),
    content_type: z.string(),
    file_name: z.string(),
    file_size: z.int().describe('bytes'),
    width: z.int().describe('px'),
    height: z.int().describe('px'),
  })
  .meta({ id: 'File' })

/** The result of a request. */
export const outputSchema = z
  .object({ image: fileSchema, mask_image: fileSchema.optional().describe('With output_mask.') })
  .meta({ id: 'Output' })

/** The answer to a submit. */
export const submittedSchema = z
  .object({
    status: z.literal('IN_QUEUE'),
    request_id: z.string(),
    response_url: z.string(),
    status_url: z.string(),
    cancel_url: z.string(),
    queue_position: z.int().describe('Requests ahead.'),
  })
  .meta({ id: 'Submitted' })

const logSchema = z.object({
  message: z.string(),
  level: z.enum(['INFO', 'WARN', 'ERROR']),
  source: z.literal('USER'),
  timestamp: z.string(),
})

/** The answer of the status endpoint. */
export const statusSchema = z
  .object({
    status: z
      .enum(['IN_QUEUE', 'IN_PROGRESS', 'COMPLETED'])
      .describe('Failed and canceled requests are COMPLETED as well.'),
    request_id: z.string(),
    response_url: z.string(),
    status_url: z.string(),
    cancel_url: z.string(),
    queue_position: z.int().optional(),
    logs: z.array(logSchema).optional(),
    metrics: z.object({ inference_time: z.number().describe('seconds') }).optional(),
    error: z.string().optional(),
    error_type: z.string().optional(),
  })
  .meta({ id: 'Status' })

/** The answer to a wrong input. */
export const detailSchema = z
  .object({
    detail: z.array(
      z.object({ loc: z.array(z.union([z.string(), z.int()])), msg: z.string(), type: z.string() }),
    ),
  })
  .meta({ id: 'InputErrors' })
