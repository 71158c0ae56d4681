import { html, type Html } from './html.ts'

/** A field for text, with its label. */
export interface Field {
  /** Also the name that it is sent by. */
  readonly id: string
  readonly label: string
  readonly type?: 'text' | 'password' | 'email'
  readonly value?: string
  readonly autocomplete: string
  readonly maxlength: number
  /** Shown below the label. */
  readonly hint?: string | undefined
  /** What is wrong with what was sent. It is shown here, and the field gets the focus. */
  readonly problem?: string | undefined
  /** The id of an element that says what is wrong with several fields. */
  readonly problemId?: string | undefined
  /** Whether it may stay empty. Default: false. */
  readonly isOptional?: boolean
  /** Whether it is the first of those several, which gets the focus. */
  readonly isFirst?: boolean
}

const descriptionOf = ({ id, hint, problem, problemId }: Field): string =>
  [hint !== undefined && `${id}_hint`, problem !== undefined && `${id}_problem`, problemId].filter(Boolean).join(' ')

/** A label, what there is to say, and the input, which names both by `aria-describedby`. */
export const field = (field: Field): Html => {
  const {
    id,
    label,
    type = 'text',
    value,
    autocomplete,
    maxlength,
    hint,
    problem,
    problemId,
    isFirst,
    isOptional,
  } = field
  const isInvalid = problem !== undefined || problemId !== undefined
  const description = descriptionOf(field)
  const isFocused = problem !== undefined || (problemId !== undefined && isFirst === true)
  return html`
    <label for="${id}">${label}</label>
    ${hint !== undefined && html`<p class="note" id="${id}_hint">${hint}</p>`}
    ${problem !== undefined && html`<p class="field-problem" id="${id}_problem">${problem}</p>`}
    <input
      id="${id}"
      name="${id}"
      type="${type}"
      ${value !== undefined && html`value="${value}"`}
      autocomplete="${autocomplete}"
      autocapitalize="none"
      spellcheck="false"
      maxlength="${maxlength}"
      ${description !== '' && html`aria-describedby="${description}"`}
      ${isInvalid && html`aria-invalid="true"`}
      ${isOptional !== true && html`required`}
      ${isFocused && html`autofocus`}
    />
  `
}

/** The id of what `problemOf` shows. */
export const problemId = 'problem'

/** What is wrong with what was sent, for fields to name by `problemId`. */
export const problemOf = (text: string | undefined): Html | false =>
  text !== undefined && html`<p class="problem" id="${problemId}" role="alert">${text}</p>`
