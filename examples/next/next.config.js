import nobg from 'unplugin-nobg/next'

// u2netp is part of nobg, so this example runs offline. Without the option, nobg uses BiRefNet.
const withNobg = nobg({ substitute: 'u2netp' })

export default withNobg({})
