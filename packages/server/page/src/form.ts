import type { PageModel, PageSettings } from '../../src/http/page-settings.ts'
import type { Choice } from './code.ts'
import { find } from './find.ts'

const key = find<HTMLInputElement>('key')
const model = find<HTMLSelectElement>('model')
const keptAs = 'nobg-key'

/** Where the user says how. */
export interface ChoiceForm {
  read(): Choice
  /** Empty where there is none. */
  readKey(): string
  /** Asks for another key than the one that was refused. */
  askForKey(): void
}

/** Fills the form with what the server has. @param onChange when anything is chosen. */
export function openForm({ needsKey, models }: PageSettings, onChange: () => void): ChoiceForm {
  model.append(...models.map(({ value }) => new Option(value)))
  const findModel = (): PageModel => models[model.selectedIndex]
  const describe = () => find('about').replaceChildren(findModel().about)
  describe()
  find('key-field').hidden = !needsKey
  key.required = needsKey
  key.value = sessionStorage.getItem(keptAs) ?? ''
  key.addEventListener('input', () => {
    sessionStorage.setItem(keptAs, key.value)
    key.removeAttribute('aria-invalid')
  })
  find('form').addEventListener('change', () => {
    describe()
    onChange()
  })
  return {
    read: () => ({
      model: findModel(),
      isDefaultModel: model.selectedIndex === 0,
      resolution: find<HTMLSelectElement>('resolution').value as Choice['resolution'],
      format: find<HTMLSelectElement>('format').value as Choice['format'],
      refine: find<HTMLInputElement>('refine').checked,
    }),
    readKey: () => key.value.trim(),
    askForKey() {
      find('key-field').hidden = false
      key.ariaInvalid = 'true'
      key.focus()
    },
  }
}
