// Opens a server, runs the program against it, and closes it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openServer } from './server.js'

const server = await openServer()
const env = { ...process.env, FAL_KEY: 'whatever', NOBG_SERVER_URL: await server.listen({ port: 0 }) }
const app = spawn(process.execPath, ['--import', '@nobg/server/fal', 'app.js'], { env, stdio: 'inherit' })
const [code] = await once(app, 'exit')
await server.close()
process.exitCode = code ?? 1
