import { flag, list, oneOf, wholeNumber, type Setting } from './setting.ts'

/** Settings about clients that no operator made, and about what tokens are for. */
export const clientSettingsTable = {
  resources: {
    ...{ flag: '--resource <uri>', kind: 'list', schema: list, fallback: [] },
    description: 'protected resources that tokens may be asked for; localhost for all of this machine',
  },
  ignoreResourceSlash: {
    ...{ flag: '--ignore-resource-slash', kind: 'flag', schema: flag, fallback: false },
    description: 'take resources with a slash at the end or without; tokens name them as they are here',
  },
  severalResources: {
    ...{ flag: '--several-resources <mode>', kind: 'text', schema: oneOf('refuse', 'split'), fallback: 'refuse' },
    description: 'whether a grant may be for several resources, each token for one of them',
  },
  clientDocuments: {
    ...{ flag: '--client-documents', kind: 'flag', schema: flag, fallback: false },
    description: 'know clients by the documents at their ids (draft-ietf-oauth-client-id-metadata-document-01)',
  },
  clientDocumentHosts: {
    ...{ flag: '--client-document-host <host>', kind: 'list', schema: list, fallback: [] },
    description: 'hosts whose documents are taken; none for all',
  },
  registration: {
    ...{ flag: '--registration <mode>', kind: 'text', schema: oneOf('off', 'token', 'open'), fallback: 'off' },
    description: 'whether clients register themselves: with a token, or everyone',
  },
  registrationScopes: {
    ...{ flag: '--registration-scope <scope>', kind: 'list', schema: list, fallback: [] },
    description: 'scopes that such clients, and those of documents, may have beside those of OpenID Connect',
  },
  defaultScopes: {
    ...{ flag: '--default-scope <scope>', kind: 'list', schema: list, fallback: [] },
    description: 'scopes that they get when they ask for none',
  },
  registrationLimit: {
    ...{ flag: '--registration-limit <clients>', kind: 'number', schema: wholeNumber(1, 10_000), fallback: 60 },
    description: 'most clients that register in an hour from one address, or with one token',
  },
  registrationTotal: {
    ...{ flag: '--registration-total <clients>', kind: 'number', schema: wholeNumber(1, 10_000_000), fallback: 10_000 },
    description: 'most clients that register without a token in the days after which unused ones are deleted',
  },
  registrationUnusedDays: {
    ...{ flag: '--registration-unused-days <days>', kind: 'number', schema: wholeNumber(1, 3650), fallback: 7 },
    description: 'days after which a client is deleted that registered itself and was never used',
  },
} satisfies Readonly<Record<string, Setting>>
