import type { upstreamsEn } from './upstreams-en.ts'

/** Was über Anmeldungen bei anderen gesagt wird. */
export const upstreamsDe: typeof upstreamsEn = {
  or: 'oder',
  logOutAt: (label) => `Bei ${label} sind Sie noch angemeldet. Melden Sie sich auch dort ab`,
  logInAt: (label) => `Anmelden mit ${label}`,
  failed: (label) =>
    `Die Anmeldung bei ${label} ist gescheitert. Versuchen Sie es noch einmal; hilft das nicht, sagen Sie es denen, die diesen Server betreiben.`,
  denied: (label) =>
    `Sie haben sich nicht bei ${label} angemeldet. Versuchen Sie es noch einmal, oder melden Sie sich anders an.`,
  away: (label) => `${label} ist gerade nicht zu erreichen. Warten Sie ein wenig, oder melden Sie sich anders an.`,
  stale: (label) =>
    `Diese Anmeldung bei ${label} ist vorbei: Sie hat zu lange gedauert, wurde schon benutzt oder begann in einem anderen Browser. Beginnen Sie von vorn.`,
  limited: 'Von hier wurden zu viele Anmeldungen begonnen. Warten Sie fünf Minuten, und versuchen Sie es noch einmal.',
  unknown: (label, name) =>
    `Zur Anmeldung ${name} bei ${label} gehört hier niemand. Bitten Sie die Betreiber dieses Servers um ein Konto.`,
  unconnected: (label, name) =>
    `Die Anmeldung ${name} bei ${label} ist noch nicht verbunden. Melden Sie sich hier an wie gewohnt, und verbinden Sie sie dann auf der Seite Ihres Kontos.`,
  foreign: (label) =>
    `Anmeldungen bei ${label} von dort, woher Sie kommen, werden hier nicht eingelassen. Wählen Sie eine andere.`,
  taken: (label, name) => `Die Anmeldung ${name} bei ${label} gehört hier jemand anderem.`,
  notAllowed: 'Dieses Konto darf sich nicht anmelden. Fragen Sie die Betreiber dieses Servers.',
  again: 'Zur Anmeldeseite',
  title: 'Andere Wege zur Anmeldung',
  linkedOn: (name, label) => `${label}: ${name}`,
  since: 'Verbunden am',
  connect: (label) => `${label} verbinden`,
  disconnect: 'Trennen',
  disconnectFrom: (label, name) => `${label} trennen: ${name}`,
  lastOne: 'Ihr einziger Weg herein, darum lässt er sich nicht trennen.',
}
