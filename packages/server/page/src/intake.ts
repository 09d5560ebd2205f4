import { find } from './find.ts'

/** Calls back with each photograph that is chosen, dropped or pasted. */
export function openIntake(take: (photo: File) => void): void {
  const takeFirst = (files: FileList | undefined | null): boolean => {
    const photo = files?.[0]
    if (photo) take(photo)
    return Boolean(photo)
  }
  const file = find<HTMLInputElement>('file')
  file.addEventListener('change', () => {
    takeFirst(file.files)
    // Without this, choosing the same photograph again fires no event.
    file.value = ''
  })
  document.addEventListener('paste', event => {
    if (takeFirst(event.clipboardData?.files)) event.preventDefault()
  })
  const mark = (isOver: boolean) => document.body.classList.toggle('dragging', isOver)
  document.addEventListener('dragover', event => {
    event.preventDefault()
    mark(true)
  })
  // `dragleave` also fires between two elements of the page, with a related target.
  document.addEventListener('dragleave', event => mark(event.relatedTarget !== null))
  document.addEventListener('drop', event => {
    event.preventDefault()
    mark(false)
    takeFirst(event.dataTransfer?.files)
  })
}
