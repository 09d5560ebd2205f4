// Preloaded into every process of a build: notes when ONNX Runtime's native part is loaded, without which no model runs.
const { appendFileSync } = require('node:fs')

const { dlopen } = process
process.dlopen = function noteModel(module, file, ...rest) {
  if (file.includes('onnxruntime_binding'))
    appendFileSync(process.env.NOBG_TEST_MODEL_LOG, `${process.pid}\n`)
  return dlopen.call(this, module, file, ...rest)
}
