/** Rows as the checks of `grantry/testing` make them. */
export { accessRow, codeRow, digestOf, grantRow, refreshRow, rotationOf, start } from '#grantry/testing/store-check'
