// Where OpenLineage events go: a file that takes one a line, and an HTTP endpoint.
import { appendFile } from 'node:fs/promises';
import { send, shown } from './send.ts';

const apiPath = '/api/v1/lineage';

export const isUrl = (place: string): boolean => /^https?:\/\//.test(place);

/** Null, or why the place did not take the event. A URL without a path means the usual one of the API. */
export async function tellLineage(place: string, event: object, apiKey: string | undefined): Promise<string | null> {
  const body = JSON.stringify(event);
  if (!isUrl(place)) {
    return appendFile(place, `${body}\n`).then(
      () => null,
      (error: unknown) => (error as Error).message,
    );
  }
  const url = new URL(place);
  if (url.pathname === '/') url.pathname = apiPath;
  const problem = await send({ url, method: 'POST', contentType: 'application/json', body, token: apiKey });
  return problem === null ? null : `${shown(url)}: ${problem}`;
}
