import { setFlagsFromString } from 'node:v8'

/**
 * Setup file of every test project, so that tests do not depend on the environment of the user. Removes variables that nobg, its
 * dependencies or the bundlers read, and sets locale and time zone. Child processes inherit the result.
 */
const READ_BY_TESTED_CODE =
  /^(?:NOBG|NOBG_.*|CI|NO_COLOR|FORCE_COLOR|NODE_OPTIONS|AWS_.*|FAL_KEY|(?:HTTPS?|ALL|NO)_PROXY|LC_.*|LANGUAGE|COLUMNS|LINES)$/i

// npm, which some tests run, still needs the proxy.
const { HTTP_PROXY, http_proxy = HTTP_PROXY, HTTPS_PROXY, https_proxy = HTTPS_PROXY } = process.env
if (http_proxy) process.env.npm_config_proxy ??= http_proxy
if (https_proxy) process.env.npm_config_https_proxy ??= https_proxy

for (const name of Object.keys(process.env)) {
  if (READ_BY_TESTED_CODE.test(name)) delete process.env[name]
}
process.env.LANG = 'C.UTF-8'
process.env.TZ = 'UTC'

// Image threads run from source here, so Node's WebAssembly module that removes types runs in each. When V8 frees code of such
// threads, it can end the process: `Check failed: jit_page.has_value()`, see https://github.com/nodejs/node/issues/64500.
setFlagsFromString('--no-wasm-code-gc')
