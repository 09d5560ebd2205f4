import nobg from 'unplugin-nobg/next'

// The small model that comes with nobg, so that this example runs offline. Without the option, BiRefNet.
const withNobg = nobg({ substitute: 'u2netp' })

export default withNobg({})
