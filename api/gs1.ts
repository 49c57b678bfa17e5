// Any text with a GS1 key in it, explained: what a scanner sent, a link, a URN, the content of an
// RFID tag. Looks nothing up: the answer is all in the question.
import { z } from '@hono/zod-openapi'
import { decodeGs1, type Gs1Text } from '../domain/gs1/decode.ts'
import { symbologies } from '../domain/gs1/scan.ts'
import { Problem } from './problem.ts'
import { guarded, nounApp } from './route.ts'

const textSchema = z
  .object({
    syntax: z.enum([
      'scan',
      'gtin',
      'element-string',
      'digital-link',
      'epc-urn',
      'tag-uri',
      'tag-hex',
    ]),
    symbology: z.enum(symbologies).nullable(),
    tag: z
      .object({
        scheme: z.string().openapi({ example: 'sgtin-96' }),
        filter: z.number().int(),
        hex: z.string(),
        uri: z.string().nullable(),
        host: z.string().nullable().openapi({ description: 'of the Digital Link of a ++ tag' }),
      })
      .nullable(),
    key: z.string().nullable().openapi({ example: 'sgtin' }),
    epc: z.string().nullable().openapi({ description: 'canonical Digital Link of the key alone' }),
    digitalLink: z.string().nullable().openapi({ description: 'with everything that was told' }),
    elementString: z.string(),
    hri: z.array(z.string()).openapi({ description: 'lines to print below a symbol' }),
    urn: z
      .string()
      .nullable()
      .openapi({ description: 'null when the length of the company prefix is not known' }),
    elements: z.array(
      z.object({
        ai: z.string(),
        title: z.string(),
        value: z.string(),
        readable: z.string().nullable().openapi({ example: '2027-02-28' }),
        at: z.number().int().openapi({ description: 'where the value stands in the text' }),
        length: z.number().int(),
      }),
    ),
    limits: z
      .object({ minC: z.number().nullable(), maxC: z.number().nullable() })
      .openapi({ description: 'temperatures the label of a container asks for, °C' }),
  })
  .openapi('Gs1Text')

const get = guarded(
  { noun: 'units', verb: 'read' },
  {
    method: 'get',
    path: '/api/v1/gs1',
    summary: 'Explain a GS1 text',
    request: {
      query: z.object({
        text: z.string().min(1).openapi({
          description:
            'Scanner data, element string, Digital Link, EPC URN, tag URI or hex content of a tag',
          example: ']d201095212345432132110A1',
        }),
        prefix: z
          .string()
          .regex(/^\d{4,12}(,\d{4,12}){0,99}$/)
          .optional()
          .openapi({ description: 'own company prefixes, so that a URN can be told' }),
      }),
    },
    responses: {
      200: {
        description: 'All its forms',
        content: { 'application/json': { schema: textSchema } },
      },
    },
  },
)

export const gs1 = () =>
  nounApp().openapi(get, (c) => {
    const { text, prefix } = c.req.valid('query')
    const told = decodeGs1(text, prefix?.split(','))
    if (told.ok) return c.json(formatText(told.value), 200)
    throw new Problem(
      400,
      told.refusals.map((refusal) => ({ ...refusal, path: 'query/text' })),
    )
  })

function formatText(told: Gs1Text): z.infer<typeof textSchema> {
  const { symbology = null, tag, key, epc = null, digitalLink = null, urn = null } = told
  const { minC = null, maxC = null } = told.limits
  return {
    syntax: told.syntax,
    symbology,
    tag: tag ? { ...tag, uri: tag.uri ?? null, host: tag.host ?? null } : null,
    key: key?.key ?? null,
    epc,
    digitalLink,
    elementString: told.elementString,
    hri: told.hri,
    urn,
    elements: told.elements.map((element) => ({ ...element, readable: element.readable ?? null })),
    limits: { minC, maxC },
  }
}
