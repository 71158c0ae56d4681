/** Waits for what a store gives, but not longer than the limit. */
export const withinLimit = <Result>(result: Promise<Result>, limitMs: number): Promise<Result> =>
  new Promise((resolve, reject) => {
    const late = (): void => reject(new Error(`the store did not answer within ${limitMs} ms`))
    const timer = setTimeout(late, limitMs)
    result.then(resolve, reject).finally(() => clearTimeout(timer))
  })
