import type { ResponseType } from '../core/response-type.ts'

/** `response_type=none`: the user's consent is asked for and nothing is issued (OAuth 2.0 Multiple Response Types §4). */
export const noneResponseType: ResponseType = { defaultMode: 'query', respond: () => ({}) }
