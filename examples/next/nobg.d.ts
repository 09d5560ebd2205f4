import 'unplugin-nobg/next-client'
