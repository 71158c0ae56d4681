const hosts = ['localhost', '127.0.0.1', '[::1]']

/** Whether a URL is on the machine of whoever opens it (RFC 8252 §7.3). */
export const isLoopback = ({ hostname }: URL): boolean => hosts.includes(hostname) || hostname.endsWith('.localhost')
