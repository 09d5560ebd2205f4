import nobg from 'unplugin-nobg/vite'

export default {
  framework: '@storybook/react-vite',
  stories: ['../src/*.stories.jsx'],
  viteFinal(config) {
    // Mattes are kept in a folder, which is committed. u2netp is part of nobg, so this example runs offline: without the option
    // `substitute`, nobg uses BiRefNet.
    config.plugins.push(nobg({ mattes: 'mattes', substitute: 'u2netp' }))
    return config
  },
}
