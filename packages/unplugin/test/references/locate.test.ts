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
  expect(locateText(project.path('glob.js'), './a.jpg?nobg')).toMatchObject({ line: 2, column: 25 })
  expect(locateText(project.path('none.js'), './a.jpg?nobg')).toBeUndefined()
  expect(locateText(project.path('missing.js'), './a.jpg?nobg')).toBeUndefined()
})

test('the message has only the first line of an unexpected error', () => {
  const { message } = explainError(new Error('bad\nbad\nbad'), '/a.jpg', {
    text: './a.jpg?nobg',
    importer: undefined,
  })
  expect(message).toBe("nobg: /a.jpg\n  bad\n  Imported as './a.jpg?nobg'")
})
