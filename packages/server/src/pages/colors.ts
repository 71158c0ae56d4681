import { dark, light, type Palette } from './palette.ts'

type Channels = readonly number[]

const channelsOf = (color: string): Channels => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))

const toText = (channels: Channels): string =>
  `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`

const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = channelsOf(color)
    .map((channel) => channel / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** How far two colours are apart, from 1 to 21 (WCAG 2.2, contrast ratio). */
export const contrast = (left: string, right: string): number => {
  const [lighter = 0, darker = 0] = [luminance(left), luminance(right)].sort((a, b) => b - a)
  return (lighter + 0.05) / (darker + 0.05)
}

const mix = (color: string, other: string, part: number): string => {
  const others = channelsOf(other)
  return toText(channelsOf(color).map((channel, index) => channel + ((others[index] ?? 0) - channel) * part))
}

/** Least contrast of text (WCAG 2.2 §1.4.3), with something to spare for rounding. */
const enough = 4.6
const steps = 50

const readableOn = (color: string, surfaces: readonly string[], towards: string): string => {
  for (let step = 0; step < steps; step++) {
    const mixed = mix(color, towards, step / steps)
    if (surfaces.every((surface) => contrast(mixed, surface) >= enough)) return mixed
  }
  return towards
}

/** The colour of links and buttons: the one that is wished for, darkened or lightened until it can be read. */
export const accentOn = (palette: Palette, color: string): string => {
  const towards = palette === dark ? '#ffffff' : '#000000'
  return readableOn(color, [palette.page, palette.card], towards)
}

const variables = (palette: Palette, accent: string): string =>
  Object.entries({ ...palette, accent: accentOn(palette, accent), onAccent: palette.card })
    .map(([name, color]) => `--${name}: ${color}`)
    .join('; ')

/** The colours of both schemes as CSS, with one accent of `#rrggbb`. */
export const colorVariables = (accent: string): string => `
:root { color-scheme: light dark; ${variables(light, accent)} }
@media (prefers-color-scheme: dark) { :root { ${variables(dark, accent)} } }`
