/** A value, or a promise of it. User code may be synchronous or asynchronous everywhere. */
export type Awaitable<T> = T | Promise<T>
