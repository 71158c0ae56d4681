import { files, type Proof } from './files.ts'

/** A text that stays in its cell of a table. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
/** A text as code, in a cell. */
export const code = (text: string): string => `\`${cell(text)}\``

const fileName = (path: string): string => path.replace(/^test\//, '').replace(/\.ts$/, '')

/** A test by its file, without folder and ending, and its title. */
export const proof = ([file, title]: Proof): string => `${fileName(files[file])}: ${cell(title)}`

/** A table. */
export const table = (head: readonly string[], body: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...body].map((cells) => `| ${cells.join(' | ')} |`).join('\n')

/** Tests, those of a file together. */
export const proofList = (proofs: readonly Proof[]): string =>
  [...new Set(proofs.map(([file]) => file))]
    .map((file) => {
      const titles = proofs.filter(([other]) => other === file).map(([, title]) => cell(title))
      return `${fileName(files[file])}: ${titles.join('; ')}`
    })
    .join('. ')
