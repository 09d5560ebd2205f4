// An HTTP server with one fixed answer: the baseline for the time of a call on this machine.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end('{"status":"IN_QUEUE"}')
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
