import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()

/** Ends a process with this one, however that ends. */
export const endWithUs = <Child extends ChildProcess>(child: Child): Child => {
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
