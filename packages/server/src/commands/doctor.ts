import { Command } from 'commander'
import { readConfig } from '../config/read-config.ts'
import { severities } from '../doctor/check.ts'
import { examine, type Diagnosis, type Finding } from '../doctor/examine.ts'
import { resolveSettings } from '../settings.ts'
import { withSettings } from './options.ts'
import { many, printable, printJson } from './print.ts'
import type { SettingArguments } from './with-data.ts'

interface DoctorArguments {
  readonly json?: true
  readonly strict?: true
}

const blockOf = ({ severity, check, clientId, found, text, mend, source }: Finding): string => {
  const where = clientId === undefined ? found : `client "${clientId}": ${found}`
  return printable(`${severity.padEnd(7)}  ${where}  [${check}]`) + `\n         ${text} (${source})\n         ${mend}\n`
}

const countOf = ({ findings }: Diagnosis, severity: Finding['severity']): number =>
  findings.filter((finding) => finding.severity === severity).length

const summaryOf = (diagnosis: Diagnosis): string => {
  const counts = severities.map((severity) => many(countOf(diagnosis, severity), severity)).join(', ')
  return `${counts}. Looked at settings, deployment and ${many(diagnosis.clients, 'client')} by the profile ${diagnosis.profile}.\n`
}

/** `grantry-server doctor`. */
export const doctorCommand = (): Command =>
  withSettings(new Command('doctor'))
    .option('--strict', 'warnings count as errors')
    .option('--json', 'print JSON')
    .action(async ({ json, strict, config, ...flags }: SettingArguments & DoctorArguments) => {
      const path = config ?? process.env['GRANTRY_CONFIG']
      const { options } = readConfig({ flags, config, env: process.env })
      const diagnosis = await examine(resolveSettings({ ...options, log: () => undefined }), path)
      if (json === true) printJson(diagnosis)
      else
        process.stdout.write(
          `${diagnosis.findings.map((finding) => `${blockOf(finding)}\n`).join('')}${summaryOf(diagnosis)}`,
        )
      const isBad = countOf(diagnosis, 'error') > 0 || (strict === true && countOf(diagnosis, 'warning') > 0)
      if (isBad) process.exitCode = 1
    })
