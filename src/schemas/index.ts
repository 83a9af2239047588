/** Everything that crosses the boundary to other languages, by the name of its file in `schemas/`. */
import { z } from 'zod';
import * as inputs from './inputs';
import * as outputs from './outputs';

const inputSchemas = {
  campaign: inputs.campaignInputSchema,
  call: inputs.callInputSchema,
  'add-calls': inputs.addCallsSchema,
  cancel: inputs.cancelSchema,
  extend: inputs.extendSchema,
};

const outputSchemas = {
  'campaign-status': outputs.campaignStatusSchema,
  'campaign-result': outputs.campaignResultSchema,
  'call-end': outputs.callEndSchema,
  'call-record': outputs.callRecordSchema,
  'intake-summary': outputs.intakeSummarySchema,
  gate: outputs.gateSchema,
  'queue-lines': outputs.queueLinesSchema,
  event: outputs.eventSchema,
};

/** The zod schemas by name. */
export const schemas = { ...inputSchemas, ...outputSchemas };

/** Name of a schema: its file's, without `.json`. */
export type SchemaName = keyof typeof schemas;

/** JSON Schema, draft 2020-12. */
export function jsonSchemaOf(name: SchemaName): z.core.JSONSchema.BaseSchema {
  const { $schema, ...schema } = z.toJSONSchema(schemas[name], {
    io: name in inputSchemas ? 'input' : 'output',
    ...jsonSchemaRules,
  });
  return { $schema, $id: `urn:outdial:schema:${name}`, ...schema };
}

/** How zod schemas are written as JSON Schemas. */
export const jsonSchemaRules = {
  // A Date, which JSON has not, and `parameters`, which are checked by code of our own.
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }) => {
    const { def } = zodSchema._zod;
    if (def.type === 'union') jsonSchema.anyOf = jsonSchema.anyOf?.filter((option) => Object.keys(option).length > 0);
    // It would say that a client may not send it; here it only is TypeScript's `readonly`.
    if (def.type === 'readonly') delete jsonSchema.readOnly;
    // The bounds of integers that JavaScript can hold say nothing of a field.
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  },
} satisfies z.core.ToJSONSchemaParams;
