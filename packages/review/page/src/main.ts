import { isDirty, openDetail, showDetail } from './detail.ts'
import { find } from './find.ts'
import { openOverview, showOverview } from './overview.ts'
import { followPictures, pictures } from './pictures.ts'

/** Id of the picture in the address; empty for the overview. */
let shownId = ''
let scrollTop = 0

function readAddress(): string {
  return location.hash.replace(/^#\/?/, '')
}

/** Shows the overview or the picture of the address. */
function show(): void {
  const info = pictures.get(readAddress())
  const isOther = shownId !== (info?.id ?? '')
  if (isOther && !shownId) scrollTop = document.documentElement.scrollTop
  shownId = info?.id ?? ''
  find('overview').hidden = info !== undefined
  find('detail').hidden = info === undefined
  void showDetail(info)
  if (!info) {
    document.title = 'nobg review'
    showOverview()
  }
  if (!isOther) return
  document.documentElement.scrollTop = info ? 0 : scrollTop
  if (info) find('name').focus({ preventScroll: true })
}

addEventListener('hashchange', () => {
  if (
    shownId &&
    readAddress() !== shownId &&
    isDirty() &&
    !confirm('Discard the correction of this picture?')
  ) {
    history.replaceState(null, '', `#/${shownId}`)
    return
  }
  show()
})
addEventListener('beforeunload', event => {
  if (isDirty()) event.preventDefault()
})

openOverview()
openDetail()
void followPictures(show)
