/** The order of the pages. A test compares the list with the files. */
export const sidebar = [
  { label: 'Guides', items: ['how-it-works', 'mattes', 'ci', 'next', 'models'] },
  { label: 'More', items: ['licenses', 'quality', 'server-security', 'install-matrix'] },
]
