import type { PictureInfo } from '../../src/protocol.ts'
import { create, find, keepUnits } from './find.ts'
import { isDoubtful } from './pictures.ts'

/** Shows what is known about a picture, and its findings. */
export function showFacts(info: PictureInfo): void {
  const importedBy = info.importedBy.length > 0 ? info.importedBy : ['not known here']
  const rows: [string, readonly string[]][] = [
    ['Photograph', [info.path]],
    ['Model', [`${info.model}, ${info.operatingResolution} px`]],
    ['Matte', [describeMatte(info), ...(info.matteFile ? [info.matteFile] : [])]],
    ['Imported by', importedBy],
  ]
  find('facts').replaceChildren(
    ...rows.flatMap(([term, texts]) => [
      create('dt', '', term),
      create('dd', '', ...texts.map(text => create('span', '', text))),
    ]),
  )
  showFindings(info)
}

function describeMatte({ origin, isByHand, isReviewed }: PictureInfo): string {
  const made = origin === 'own' ? 'Your own file' : origin === 'kept' ? 'Kept' : 'Predicted, not kept'
  const hand = isByHand && origin === 'kept' ? ', corrected by hand' : ''
  return `${made}${hand}${isReviewed ? ', reviewed' : ''}`
}

function showFindings(info: PictureInfo): void {
  const notices = info.error ? [info.error] : info.findings
  find('findings').hidden = notices.length === 0 || !isDoubtful(info)
  find('finding-list').replaceChildren(
    ...notices.map(({ message, hint }) =>
      create('li', '', keepUnits(message), ...(hint ? [create('small', '', hint)] : [])),
    ),
  )
  const canReview = info.state === 'ready'
  find('reviewed').hidden = !canReview
  const about = find('reviewed-about')
  about.hidden = !canReview
  about.textContent = info.matteFile
    ? `Recorded in ${info.matteFile}, for exactly these pixels.`
    : 'Keeps this matte as a file, marked as reviewed.'
}
