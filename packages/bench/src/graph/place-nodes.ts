// Child process that creates a session with one execution provider. ONNX Runtime writes the placement of the nodes to stderr.
import { loadRuntime } from '../../../core/src/models/onnx-runtime.ts'

const [path, provider] = process.argv.slice(2)
const { ort } = await loadRuntime(0)
await ort.InferenceSession.create(path, {
  executionProviders: [provider],
  logSeverityLevel: 0,
  logVerbosityLevel: 0,
})
