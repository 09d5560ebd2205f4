import type { CandidateInfo, ModelChoice, PictureInfo } from '../../src/protocol.ts'
import { predictCandidate, readSettings, urlOf } from './api.ts'
import { create, find, keepUnits } from './find.ts'
import { loadCanvas } from './layers.ts'

/** A predicted matte that is compared. */
export interface Candidate extends CandidateInfo {
  matte: HTMLCanvasElement
  cutout: HTMLCanvasElement
}

/** The candidates of the open picture. */
export interface CandidateList {
  list(): readonly Candidate[]
  /** Removes the candidates of the last picture, and stops a prediction. */
  open(info: PictureInfo | undefined): void
}

/**
 * Connects the form that predicts candidates.
 *
 * @param onChange called when a candidate was added
 * @param onUse called when a candidate's matte was chosen
 */
export function openCandidates(onChange: () => void, onUse: (candidate: Candidate) => void): CandidateList {
  const model = find<HTMLSelectElement>('model')
  const status = find('try-status')
  const progress = find<HTMLProgressElement>('progress')
  const rows = find('candidates')
  let models: ModelChoice[] = []
  let info: PictureInfo | undefined
  let candidates: Candidate[] = []
  let running: AbortController | undefined

  function describeModel(): void {
    const { about = '', download } = models[model.selectedIndex] ?? {}
    find('about').textContent = download ? `${about}. Its first use downloads ${download}.` : about
  }

  function setBusy(isBusy: boolean): void {
    progress.hidden = !isBusy
    progress.removeAttribute('value')
    find('cancel').hidden = !isBusy
    find('predict').hidden = isBusy
  }

  function showProgress(text: string, share: number): void {
    status.textContent = `${text}…`
    if (share > 0 && share < 1) progress.value = share
    else progress.removeAttribute('value')
  }

  async function predict(picture: PictureInfo, signal: AbortSignal): Promise<Candidate> {
    const side = Number(find<HTMLSelectElement>('resolution').value)
    const wanted = {
      model: model.value,
      ...(side > 0 && { operatingResolution: side }),
      matteUpsampling: find<HTMLSelectElement>('upsampling').value as 'guided' | 'bilinear',
    }
    const made = await predictCandidate(picture, wanted, signal, showProgress)
    const [matte, cutout] = await Promise.all(
      ['matte', 'cutout'].map(part => loadCanvas(urlOf(picture, `candidates/${made.id}/${part}`))),
    )
    return { ...made, matte, cutout }
  }

  async function run(): Promise<void> {
    if (!info) return
    const own = new AbortController()
    const picture = info
    running?.abort()
    running = own
    setBusy(true)
    status.classList.remove('failure')
    showProgress('The model starts', 0)
    try {
      const candidate = await predict(picture, own.signal)
      if (running !== own) return
      candidates = [...candidates, candidate]
      rows.append(createRow(candidate))
      status.textContent = 'Predicted. Nothing is written until you accept.'
      onChange()
    } catch (error) {
      if (running !== own) return
      const isCanceled = own.signal.aborted
      status.textContent = isCanceled ? 'Canceled.' : (error as Error).message
      status.classList.toggle('failure', !isCanceled)
    }
    setBusy(false)
  }

  function createRow(candidate: Candidate): HTMLElement {
    const use = create('button', 'button', 'Use this matte')
    use.type = 'button'
    use.setAttribute('aria-label', `Use this matte: ${nameCandidate(candidate)}`)
    use.addEventListener('click', () => onUse(candidate))
    const [finding] = candidate.findings
    const about = create('small', '', finding ? keepUnits(finding.message) : 'No findings')
    return create('li', '', create('span', '', create('b', '', nameCandidate(candidate)), about), use)
  }

  model.addEventListener('change', describeModel)
  find('try').addEventListener('submit', event => {
    event.preventDefault()
    void run()
  })
  find('cancel').addEventListener('click', () => running?.abort())
  void readSettings().then(settings => {
    models = settings.models
    model.replaceChildren(
      ...models.map(({ id, download }) => new Option(download ? `${id} (${download})` : id, id)),
    )
    describeModel()
  })

  return {
    list: () => candidates,
    open(picture) {
      running?.abort()
      running = undefined
      info = picture
      candidates = []
      rows.replaceChildren()
      status.textContent = ''
      setBusy(false)
    },
  }
}

/** `u2netp, 320 px` */
export function nameCandidate({
  model,
  operatingResolution,
}: Pick<CandidateInfo, 'model' | 'operatingResolution'>): string {
  return `${model}, ${operatingResolution} px`
}
