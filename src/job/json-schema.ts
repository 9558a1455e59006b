// The job schema in JSON Schema, for editors: `schema/job.schema.json` holds exactly this, and `scoremill schema` prints it.
import * as z from 'zod';
import { jobSchema } from './schema.ts';

/** What the checks read of a JSON Schema. */
export interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
}

let made: JsonSchema | undefined;

/** Made when it is asked for: a job without mistakes needs none. */
export const jobJsonSchema = (): JsonSchema => (made ??= makeJsonSchema());

const makeJsonSchema = (): JsonSchema =>
  z.toJSONSchema(jobSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema;

/** The text of `schema/job.schema.json`. */
export const jobJsonSchemaText = (): string => `${JSON.stringify(jobJsonSchema(), null, 2)}\n`;
