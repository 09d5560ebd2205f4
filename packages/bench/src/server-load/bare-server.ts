// The least that a server can do: says the same to whoever asks. A yardstick for the time that an answer takes here.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end('{"status":"IN_QUEUE"}')
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
