// The part of the job file's schema that says who is told of a run. None of it decides a result.
import { z } from 'zod';

const isUrl = (text: string): boolean => /^https?:\/\/[^/]/.test(text) && URL.canParse(text);
const url = z.string().refine(isUrl, 'must be a URL that begins with http:// or https://');

export const observe = z
  .strictObject({
    metrics: z
      .string()
      .min(1)
      .optional()
      .describe(
        "A file for Prometheus, such as /var/lib/node_exporter/churn.prom, or the folder of node_exporter's textfile collector.",
      ),
    pushgateway: url.optional().describe('The URL of a Prometheus Pushgateway that the same metrics are pushed to.'),
    lineage: z
      .union([z.string().min(1), z.array(z.string().min(1)).min(1)], 'must be a URL, a file, or a list of them')
      .transform((places): readonly string[] => (typeof places === 'string' ? [places] : places))
      .refine(
        (places) => places.every((place) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(place) || isUrl(place)),
        'must be URLs that begin with http:// or https://, or files',
      )
      .optional()
      .describe('Where OpenLineage events go: a URL, a file that takes one event a line, or a list of them.'),
    namespace: z.string().min(1).default('scoremill').describe('The namespace of the job in OpenLineage events.'),
  })
  .prefault({})
  .describe('Who is told of a run. What cannot be told is a warning and changes nothing else.');

export type Observe = z.output<typeof observe>;
