/** Express 4 beside 5, whose types are close enough for what is used here. */
declare module 'express4' {
  export { default } from 'express'
}
