import { createHash, randomBytes } from 'node:crypto'
import { type Answer, formBody, send } from '../http.ts'
import { asClient, member } from '../steps.ts'
import { AuthorizationRefused, type TestClient, type TokenSet } from '../target.ts'

/** Where the clients of the controls get their codes. Nothing listens there. */
export const redirectUri = 'https://client.example/callback'

/** The parts of a code flow that differ between peers. */
export interface CodeFlow {
  readonly authorizationUrl: string
  readonly tokenUrl: string
  readonly client: TestClient
  /** Parameters of the authorization request beside the usual ones. */
  readonly parameters: Readonly<Record<string, string>>
  /** Parameters of the token request beside the usual ones. */
  readonly tokenParameters?: Readonly<Record<string, string>>
}

const maxRedirects = 8

const cookiesOf = (answer: Answer, jar: Map<string, string>): void => {
  for (const cookie of (answer.header('set-cookie') ?? '').split(/, (?=[^;,]+=)/)) {
    const [name, value] = cookie.split(';', 1)[0]?.split('=') ?? []
    if (name !== undefined && value !== undefined) jar.set(name.trim(), value)
  }
}

/** Follows redirects with cookies, as a browser does, until one leads to the client. */
const browse = async (start: string): Promise<URL> => {
  const jar = new Map<string, string>()
  let url = start
  for (let count = 0; count < maxRedirects; count++) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await send(url, { headers: cookie === '' ? [] : [['Cookie', cookie]] })
    cookiesOf(answer, jar)
    const location = answer.header('location')
    if (location === undefined) throw new Error(`the authorization request ended with ${answer.status}`)
    const next = new URL(location, url)
    if (next.href.startsWith(redirectUri)) return next
    url = next.href
  }
  throw new Error('too many redirects')
}

/** Obtains tokens with an authorization code and PKCE. Throws `AuthorizationRefused` where the server answers with an error. */
export const runCodeFlow = async ({ client, parameters, ...flow }: CodeFlow): Promise<TokenSet> => {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  const asked = { response_type: 'code', client_id: client.id, redirect_uri: redirectUri, state: 'state-of-the-suite' }
  const query = formBody({ ...asked, ...parameters, code_challenge, code_challenge_method: 'S256' })
  const back = await browse(`${flow.authorizationUrl}?${query}`)
  const code = back.searchParams.get('code')
  if (code === null) throw new AuthorizationRefused(back.searchParams.get('error') ?? 'no code')
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
  const answer = await asClient(flow.tokenUrl, client, { ...form, ...flow.tokenParameters })
  if (answer.status !== 200) throw new AuthorizationRefused(`${answer.status} ${answer.text}`)
  const { refresh_token: refreshToken, id_token: idToken } = answer.json
  return {
    accessToken: member(answer, 'access_token'),
    refreshToken: typeof refreshToken === 'string' ? refreshToken : undefined,
    idToken: typeof idToken === 'string' ? idToken : undefined,
  }
}
