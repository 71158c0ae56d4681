/** What is sealed, and where. Which key sealed it stands before it: `sealed:1:<8 characters of its id>:…`. */
export const sealedColumns = [
  { table: 'signing_key', column: 'private_key' },
  { table: 'secret', column: 'value' },
  { table: 'totp', column: 'secret' },
] as const
