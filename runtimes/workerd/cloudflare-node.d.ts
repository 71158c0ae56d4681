/** What workerd offers beside the modules of Node. */
declare module 'cloudflare:node' {
  /** Hands a request to the server of `node:http` that listens at a port. */
  export const handleAsNodeRequest: (port: number, request: Request) => Promise<Response>
}
