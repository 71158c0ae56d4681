import { forgingRows } from './rows-jwt-forging.ts'
import { jwtIssuingRows } from './rows-jwt-issuing.ts'
import type { Row } from './row.ts'

/** Rows 36 to 60: access tokens that are JWTs. */
export const jwtRows: readonly Row[] = [...jwtIssuingRows, ...forgingRows].sort((a, b) => a.row - b.row)
