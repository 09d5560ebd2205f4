import type { PageModel, PageSettings } from '../../src/http/page-settings.ts'
import type { Choice } from './code.ts'
import { find } from './find.ts'

const key = find<HTMLInputElement>('key')
const model = find<HTMLSelectElement>('model')
const keptAs = 'nobg-key'

/** The form of options. */
export interface ChoiceForm {
  read(): Choice
  /** Empty if the server needs none. */
  readKey(): string
  /** Asks for another key after a refusal. */
  askForKey(): void
  /** Chooses a model by its id. @returns false if the server does not have it. */
  chooseModel(id: string): boolean
}

/** Fills the form with the models of the server. @param onChange is called after each choice. */
export function openForm({ needsKey, models }: PageSettings, onChange: () => void): ChoiceForm {
  model.append(...models.map(({ value }) => new Option(value)))
  const findModel = (): PageModel => models[model.selectedIndex]
  const describe = () => find('about').replaceChildren(findModel().about.join('\n'))
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
    chooseModel(id) {
      const index = models.findIndex(one => one.id === id)
      if (index < 0) return false
      model.selectedIndex = index
      describe()
      onChange()
      return true
    },
    askForKey() {
      find('key-field').hidden = false
      key.ariaInvalid = 'true'
      key.focus()
    },
  }
}
