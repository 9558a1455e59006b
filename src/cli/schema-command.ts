// `scoremill schema`: the JSON schema of job files.
import { jobJsonSchemaText } from '../job/json-schema.ts';
import { writeData } from './output.ts';

export function schemaCommand(): number {
  writeData(jobJsonSchemaText());
  return 0;
}
