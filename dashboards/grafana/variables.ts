// The variables of the dashboards and the placeholders that stand for them in queries. Values go
// into queries quoted by Grafana itself (`sqlstring`, `regex`), never bare, but for the arithmetic
// of the unit and for times.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog'
import {
  CustomVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { oneLine, postgres } from './sources.ts'

export type Variable = Builder<VariableModel>

/** A placeholder in the language of dashboards, which is also that of template literals. */
export const braces = (inside: string): string => `$${`{${inside}}`}`

export const inSql = (variable: string): string => braces(`${variable}:sqlstring`)
/** Also of several values at once. */
export const inInflux = (variable: string): string => `/^${braces(`${variable}:regex`)}$/`

/**
 * A temperature in the chosen unit: the value of the variable is the arithmetic, its text the sign.
 * Names of columns and lines end in the sign, and panels format by that.
 */
export const inUnit = (celsius: string): string => `${celsius} ${braces('unit:raw')}`
export const unitSign = braces('unit:text')

/** Ends of the range looked at, epoch ms. */
export const rangeFrom = braces('__from')
export const rangeTo = braces('__to')

export const isothermUrlDefault = 'http://127.0.0.1:8080'

/** `url`: where people's browsers find Isotherm. */
export const isotherm = (url: string): Variable =>
  new TextBoxVariableBuilder('isotherm')
    .label('Isotherm')
    .description('Address of Isotherm, for the links into its console and API')
    .defaultValue(url)
    .current({ text: url, value: url })
    .options([{ selected: true, text: url, value: url }])

export const tenant: Variable = fromLedger('tenant', {
  label: 'Tenant',
  sql: 'select distinct tenant from devices order by tenant',
}).current({ text: 'default', value: 'default' })

export const unit: Variable = new CustomVariableBuilder('unit')
  .label('Temperature')
  .description('°C or °F. The value is what is done to degrees Celsius.')
  .values('°C : *1+0,°F : *1.8+32')
  .current({ selected: true, text: '°C', value: '*1+0' })
  .options([
    { selected: true, text: '°C', value: '*1+0' },
    { selected: false, text: '°F', value: '*1.8+32' },
  ])

export const silence: Variable = new CustomVariableBuilder('silence')
  .label('Silent after')
  .description('A logger is silent when nothing was measured for so long')
  .values('30m,1h,2h,6h,12h,1d')
  .current({ selected: true, text: '2h', value: '2h' })
  .options(
    ['30m', '1h', '2h', '6h', '12h', '1d'].map((text) => ({
      selected: text === '2h',
      text,
      value: text,
    })),
  )

/** Rows of `__value` and `__text`, or of one column; asked again when the range changes. */
export function fromLedger(
  name: string,
  { label, sql }: { label: string; sql: string },
): QueryVariableBuilder {
  const rawSql = oneLine(sql)
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(postgres)
    .query(rawSql)
    .definition(rawSql)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.Disabled)
}

/** Follows from other variables; nobody chooses it. */
export const hidden = (variable: QueryVariableBuilder): Variable =>
  variable.hide(VariableHide.HideVariable)

/** All of them unless some are chosen; `all`: what stands for so many, in place of every value. */
export function several(variable: QueryVariableBuilder, all?: string): QueryVariableBuilder {
  variable
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'] })
  return all === undefined ? variable : variable.allValue(all)
}
