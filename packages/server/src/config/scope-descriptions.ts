import { z } from 'zod'
import { languages } from '../messages/messages.ts'
import { text } from './setting.ts'

const rule = `must be a text, or texts by languages of the pages (${[...languages.keys()].join(' and ')})`

const isPerLanguage = (texts: Readonly<Record<string, string>>): boolean => {
  const given = Object.keys(texts)
  return given.length > 0 && given.every((lang) => languages.has(lang))
}

const perLanguage = z.record(z.string(), text).refine(isPerLanguage, { error: rule })

/** A text for all languages, or one for each. */
export const translatedText = z.union([text, perLanguage], { error: rule })

/** The text of a language, in English, or else in the one that there is; undefined where there is none. */
export const inLanguage = (texts: z.infer<typeof translatedText> | undefined, language: string): string | undefined =>
  typeof texts === 'object' ? (texts[language] ?? texts['en'] ?? Object.values(texts)[0]) : texts

/** Scopes in words, by scope: a text for all languages, or one for each. */
export const scopeDescriptionsSchema = z.record(z.string().regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/), translatedText, {
  error: ({ code }) =>
    code === 'invalid_key'
      ? 'must be named as a scope is: no spaces and quotes (RFC 6749 §3.3)'
      : 'must be texts by scopes',
})

/** Scopes in words. */
export type ScopeDescriptions = z.infer<typeof scopeDescriptionsSchema>
