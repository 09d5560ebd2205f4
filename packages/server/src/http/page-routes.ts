import { existsSync } from 'node:fs'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Config, type Model, models } from '@nobg/core'
import { describeCost, formatBytes } from '@nobg/core/internal'
import { Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { modelNames } from '../fal/input.ts'
import type { PageModel, PageSettings } from './page-settings.ts'

/** Pages load only from this server, and images also from blobs. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  fontSrc: ["'self'"],
  imgSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
}

const otherHeaders = {
  referrerPolicy: 'no-referrer',
  // The page must not decide that a whole host is HTTPS. Over plain HTTP, browsers ignore the opener policy with a warning.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
}

/**
 * Serves the page at `/` and all files of its folder, except for those whose names begin with a dot. Names of files in `page/`
 * contain hashes of their content; these files are cached for a year.
 *
 * @param dir folder of the page.
 * @param engine config of the engine, for its models.
 */
export function createPageRoutes(dir: string, needsKey: boolean, engine: Config): Hono {
  const own = Object.keys(engine.models ?? {}).map(id => ({ id, license: '' }))
  const settings: PageSettings = {
    needsKey,
    models: [...models, ...own].map(model => describeModel(model, findSubstitute(model, engine))),
  }
  const app = new Hono()
  app.get('/page/settings.json', context => context.json(settings, 200, { 'cache-control': 'no-cache' }))
  if (!existsSync(`${dir}/index.html`)) return app.get('/', context => context.text(NOT_BUILT, 404))
  return app.get(
    '/*',
    refuseDotFiles,
    // HTML of any path is a page of this server.
    secureHeaders({ contentSecurityPolicy, ...otherHeaders }),
    sendCacheControl,
    serveStatic({ root: dir }),
  )
}

const refuseDotFiles: MiddlewareHandler = async (context, next) => {
  if (/[/\\]\./.test(context.req.path)) return context.notFound()
  await next()
}

/** Only for successful answers: a 404 must not be cached. */
const sendCacheControl: MiddlewareHandler = async (context, next) => {
  await next()
  const isHashed = context.req.path.startsWith('/page/')
  if (context.res.ok)
    context.header('cache-control', isHashed ? 'public, max-age=31536000, immutable' : 'no-cache')
}

const NOT_BUILT = `This is @nobg/server. It answers fal's client. Its page is not built; build it:

    pnpm --filter @nobg/server build

Then start the server again.
`

type Known = Pick<Model, 'id' | 'license'> & Partial<Model>

function describeModel(model: Known, substitute?: string): PageModel {
  const { id, falName, otherSizes = [] } = model
  const isFal = falName && modelNames['fal-ai/birefnet'].includes(falName)
  return {
    value: isFal ? falName : id,
    id,
    about: substitute ? [`On this server ${substitute} runs instead.`] : listFacts(model),
    runs: [id, ...otherSizes],
  }
}

function listFacts(model: Known): string[] {
  const { purpose, description, bytes, license, cost, trainedOn } = model
  const used = describeCost(model)
  return [
    purpose && `For ${purpose}.`,
    [description, bytes && formatBytes(bytes), license].filter(Boolean).join('; '),
    used && `${used}${cost?.isArchitecture ? ', measured with random weights' : ''}`,
    trainedOn && `Trained on ${trainedOn}.`,
  ].filter((fact): fact is string => Boolean(fact))
}

/** @returns the model that runs instead, if the engine has a substitute */
function findSubstitute({ id, falName = id }: Known, { substitute }: Config): string | undefined {
  const used = typeof substitute === 'object' ? (substitute[id] ?? substitute[falName]) : substitute
  return used === id ? undefined : used
}
