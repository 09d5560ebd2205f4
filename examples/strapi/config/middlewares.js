module.exports = [
  'strapi::logger',
  'strapi::errors',
  'strapi::security',
  'strapi::cors',
  'strapi::query',
  'strapi::body',
  // After `strapi::body`, which reads the files. u2netp is part of nobg, so this example runs offline: without the option
  // `substitute`, nobg uses BiRefNet.
  { name: 'global::cut-out-uploads', config: { substitute: 'u2netp' } },
  'strapi::session',
  'strapi::favicon',
  'strapi::public',
]
