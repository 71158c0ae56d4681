import type { HttpResponse } from './http.ts'

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => entities[character] ?? '')

const script = 'document.forms[0].submit()'
/** Base64 of the SHA-256 of `script`: the only one that the page may run. */
const scriptHash = 'ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='

/** Browsers apply `form-action` to redirects after the form as well, so only the scheme can be said. */
const policy = (target: string): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${scriptHash}'`,
    `form-action ${new URL(target).protocol}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')

/** A page that posts parameters to the client, by itself or, without scripts, by a button (OAuth 2.0 Form Post Response Mode). */
export const formPost = (redirectUri: string, parameters: URLSearchParams): HttpResponse => {
  const fields = [...parameters].map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  )
  return {
    status: 200,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': policy(redirectUri),
      'Cache-Control': 'no-store',
      Pragma: 'no-cache',
      'Referrer-Policy': 'no-referrer',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
    },
    body: [
      '<!DOCTYPE html>',
      '<html lang="en"><head><meta charset="utf-8"><title>Back to the application</title></head><body>',
      `<form method="post" action="${escaped(redirectUri)}">`,
      ...fields,
      '<noscript><p>You are logged in.</p><button>Continue</button></noscript>',
      '</form>',
      `<script>${script}</script>`,
      '</body></html>',
    ].join('\n'),
  }
}
