import { NobgError } from '@nobg/core'
import { expect, test } from 'vitest'
import { explainError } from '../../src/core/errors.ts'
import { locateText } from '../../src/references/locate.ts'
import { createProject } from '../support/project.ts'

test('a location is found by its quoted text, and has a frame', async () => {
  const project = await createProject({ 'main.js': "// a.jpg?nobg\nimport x\n  from 'a.jpg?nobg'\nend" })
  expect(locateText(project.path('main.js'), 'a.jpg?nobg')).toEqual({
    file: project.path('main.js'),
    line: 3,
    column: 8,
    lineText: "  from 'a.jpg?nobg'",
    frame: ['1 | // a.jpg?nobg', '2 | import x', "3 |   from 'a.jpg?nobg'", '  |         ^', '4 | end'].join(
      '\n',
    ),
  })
})

test('a glob is located at its marker, and text without a marker is not located', async () => {
  const project = await createProject({ 'glob.js': "\nglob('*.jpg', { query: '?nobg' })", 'none.js': '' })
  expect(locateText(project.path('glob.js'), './a.jpg?nobg')).toMatchObject({ line: 2, column: 24 })
  expect(locateText(project.path('none.js'), './a.jpg?nobg')).toBeUndefined()
  expect(locateText(project.path('missing.js'), './a.jpg?nobg')).toBeUndefined()
})

test.for([
  [
    'a longer reference before it',
    "import a from './ada.jpg?nobg&model=portrait'\nimport b from './ada.jpg?nobg'",
    './ada.jpg?nobg',
    [2, 15],
  ],
  [
    'a longer path before it',
    "import a from '../ada.jpg?nobg'\nimport b from './ada.jpg?nobg'",
    './ada.jpg?nobg',
    [2, 15],
  ],
  ['a fragment before it', "x('./ada.jpg?nobg#x')\nx('./ada.jpg?nobg')", './ada.jpg?nobg', [2, 3]],
  ['HTML', '<p>\n<img src=./ada.jpg?nobg>', './ada.jpg?nobg', [2, 9]],
  ['a srcset', '<img srcset="a.png 1x,\n ./ada.jpg?nobg 2x">', './ada.jpg?nobg', [2, 1]],
  ['Markdown', '# Ada\n![Ada](./ada.jpg?nobg)', './ada.jpg?nobg', [2, 7]],
  [
    'another path to the same file name',
    '<img src="~/assets/bob.jpg?nobg">\n<img src="~/assets/ada.jpg?nobg">',
    '/src/assets/ada.jpg?nobg',
    [2, 10],
  ],
  [
    'an ampersand in HTML',
    '<img src="./ada.jpg?nobg">\n<img src="./ada.jpg?nobg&amp;crop">',
    './ada.jpg?nobg&crop',
    [2, 10],
  ],
  [
    'a glob after another picture',
    "x('./bob.jpg?nobg')\nglob('*.jpg', { query: { nobg: true } })",
    './ada.jpg?nobg=true',
    [2, 25],
  ],
] as const)('a reference is located exactly: %s', async ([, text, specifier, [line, column]]) => {
  const project = await createProject({ 'main.js': text })
  expect(locateText(project.path('main.js'), specifier)).toMatchObject({ line, column })
})

test('a reference that is not written in the file is not located at another picture', async () => {
  const project = await createProject({ 'main.js': "import a from './bob.jpg?nobg'" })
  expect(locateText(project.path('main.js'), './ada.jpg?nobg')).toBeUndefined()
})

test('the message has only the first line of an unexpected error', () => {
  const { message } = explainError(new Error('bad\nbad\nbad'), '/a.jpg', {
    text: './a.jpg?nobg',
    importer: undefined,
  })
  expect(message).toBe("nobg: bad: /a.jpg\n  Imported as './a.jpg?nobg'")
})

test.for([
  ['Expected a photograph.', 'nobg: Expected a photograph: /a.jpg'],
  ['Expected /a.jpg to be there.', 'nobg: Expected /a.jpg to be there.'],
  ['Expected weights, tried:\nhttps://a.test', 'nobg: Expected weights, tried for /a.jpg:'],
])('the first line has reason and image: %j', ([reason, line]) => {
  const cause = new NobgError('INVALID_SOURCE', reason, { hint: 'Do this.' })
  const { message } = explainError(cause, '/a.jpg', { text: './a.jpg?nobg', importer: '/main.js' })
  const lines = message.split('\n')
  expect(lines[0]).toBe(line)
  expect(lines.slice(-2)).toEqual(['  Do this.', "  Imported as './a.jpg?nobg' from /main.js"])
})
