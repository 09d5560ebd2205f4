import { existsSync } from 'node:fs'
import { serveStatic } from '@hono/node-server/serve-static'
import { type Config, type Model, models } from '@nobg/core'
import { Hono, type MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { modelNames } from '../fal/input.ts'
import type { PageModel, PageSettings } from './page-settings.ts'

/** Everything comes from here; pictures also from the page's own memory. */
const contentSecurityPolicy = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'blob:'],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
  requireTrustedTypesFor: ["'script'"],
}

const otherHeaders = {
  referrerPolicy: 'no-referrer',
  // Whether all of a host is HTTPS is not the page's to say; over plain HTTP browsers only complain of the other.
  strictTransportSecurity: false,
  crossOriginOpenerPolicy: false,
}

/**
 * The page at `/` with its files, which are named by their content.
 *
 * @param dir where it is built.
 * @param engine the engine's config, for the models that it has.
 */
export function createPageRoutes(dir: string, needsKey: boolean, engine: Config): Hono {
  const own = Object.keys(engine.models ?? {}).map(id => ({ id, license: '' }))
  const settings: PageSettings = {
    needsKey,
    models: [...models, ...own].map(model => describeModel(model, findSubstitute(model, engine))),
  }
  const app = new Hono()
  app.use('/', secureHeaders({ contentSecurityPolicy, ...otherHeaders }))
  app.get('/page/settings.json', context => context.json(settings, 200, { 'cache-control': 'no-cache' }))
  if (!existsSync(`${dir}/index.html`)) return app.get('/', context => context.text(notBuilt, 404))
  return app
    .use('/', sendHeader('cache-control', 'no-cache'))
    .get('/', serveStatic({ path: `${dir}/index.html` }))
    .use('/page/*', sendHeader('cache-control', 'public, max-age=31536000, immutable'))
    .use('/page/*', sendHeader('x-content-type-options', 'nosniff'))
    .get('/page/*', serveStatic({ root: dir }))
}

/** With what is found alone: that there is nothing must not be remembered. */
function sendHeader(name: string, value: string): MiddlewareHandler {
  return async (context, next) => {
    await next()
    if (context.res.ok) context.header(name, value)
  }
}

const notBuilt = `This is @nobg/server. It answers fal's client; its page is not built here:

    pnpm --filter @nobg/server build

then start the server again.
`

type Known = Pick<Model, 'id' | 'license' | 'falName' | 'description' | 'bytes'>

function describeModel({ id, falName, description, bytes, license }: Known, substitute?: string): PageModel {
  const size = bytes && `${Math.round(bytes / 1e6)} MB`
  const about = [description, size, license].filter(Boolean).join('; ')
  const isFal = falName && modelNames['fal-ai/birefnet'].includes(falName)
  return {
    value: isFal ? falName : id,
    id,
    about: substitute ? `On this server ${substitute} stands in for it.` : about,
  }
}

/** The model that really runs, where it is another. */
function findSubstitute({ id, falName = id }: Known, { substitute }: Config): string | undefined {
  const used = typeof substitute === 'object' ? (substitute[id] ?? substitute[falName]) : substitute
  return used === id ? undefined : used
}
