import { execFileSync } from 'node:child_process'
import { chownSync, closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of a few MiB in memory that can be filled up. */
export interface SmallDisk {
  readonly folder: string
  /** Takes all the space that is left. */
  fill(): void
  /** Gives back what `fill` took. */
  free(): void
  remove(): void
}

const isFull = (thrown: unknown): boolean => thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOSPC'

/** Appends to a file until there is no room for another byte. */
const writeUntilFull = (path: string): void => {
  const file = openSync(path, 'a')
  try {
    for (let size = 1 << 20; size >= 1; size = size >> 4) {
      const bytes = Buffer.alloc(size)
      try {
        while (writeSync(file, bytes) === size);
      } catch (thrown) {
        if (!isFull(thrown)) throw thrown
      }
    }
  } finally {
    closeSync(file)
  }
}

const mount = (mebibytes: number): string => {
  const folder = mkdtempSync(join(tmpdir(), 'grantry-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=0755`, 'tmpfs', folder], { stdio: 'pipe' })
    return folder
  } catch (thrown) {
    rmdirSync(folder)
    throw thrown
  }
}

const unmount = (folder: string): void => {
  execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' })
  rmdirSync(folder)
}

/** Makes a disk; `owner` is who may write to it besides root. */
export const makeSmallDisk = (mebibytes: number, owner?: number): SmallDisk => {
  const folder = mount(mebibytes)
  if (owner !== undefined) chownSync(folder, owner, owner)
  const unmountWithProcess = (): void => unmount(folder)
  process.on('exit', unmountWithProcess)
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill: () => writeUntilFull(ballast),
    free: () => rmSync(ballast, { force: true }),
    remove() {
      process.off('exit', unmountWithProcess)
      unmount(folder)
    },
  }
}

const tryToMount = (): string | undefined => {
  try {
    unmount(mount(1))
    return undefined
  } catch (thrown) {
    return `no small disk can be mounted here, which takes Linux and root (${String(thrown).split('\n')[0] ?? ''})`
  }
}

/** Why there can be no small disk; undefined where there can be one. */
export const whyNoSmallDisk = tryToMount()
