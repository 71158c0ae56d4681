import type { Claim } from '../proofs/claim.ts'
import { coreModules } from './core.ts'
import { dynamicModules } from './dynamic.ts'
import { logoutModules } from './logout.ts'

/** The modules of the suite, each once. */
export const parts: readonly { readonly title: string; readonly modules: readonly Claim[] }[] = [
  { title: 'Basic, Implicit, Hybrid and Form Post', modules: coreModules },
  { title: 'Config and Dynamic', modules: dynamicModules },
  { title: 'Logout', modules: logoutModules },
]
