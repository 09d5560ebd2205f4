// Every entry imports this file first. Modules with imports that an older Node lacks must take the namespace (`import * as`):
// a missing named import stops Node before any module runs.
const OLDEST_NODE = [22, 19]

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  const message = `nobg: Expected Node ${OLDEST_NODE.join('.')} or newer, got Node ${process.versions.node}: install a newer Node.`
  // Tools print the stack, which would hide the sentence.
  throw Object.assign(new Error(message), { stack: message })
}

export {}
